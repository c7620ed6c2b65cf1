import { describe, expect, it } from '@jest/globals';
import type { AssistantPart, ChatRequest } from '../../../core/chat/chat-request.js';
import type { JsonObject } from '../../../core/json.js';
import { settleBody } from './settle-body.js';

const MODEL = 'claude-sonnet-4-6';
const SIGNED = { type: 'thinking', thinking: 'Hm.', signature: 'sig' };
const TEXT = { type: 'text', text: 'Look.' };

function use(id: string): JsonObject {
  return { type: 'tool_use', id, name: 'f', input: {} };
}

function body(...content: JsonObject[]): JsonObject {
  return {
    max_tokens: 5,
    messages: [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content },
    ],
  };
}

function settled(sent: JsonObject, ...parts: AssistantPart[]): JsonObject {
  const request: ChatRequest = { model: 'm', stream: false, messages: [{ role: 'assistant', content: parts }] };
  return settleBody(sent, request, MODEL);
}

function contentOf(sent: JsonObject): unknown {
  return (sent.messages as JsonObject[])[1]?.content;
}

describe(settleBody.name, () => {
  it('changes nothing of what Anthropic takes', () => {
    const sent = body(SIGNED, { type: 'redacted_thinking', data: 'x' }, TEXT, use('toolu_1'), { type: 'new_block' });
    expect(settled(sent)).toBe(sent);
    expect(settled({ messages: 5 })).toEqual({ messages: 5 });
  });

  it('leaves out thinking that Anthropic has not signed', () => {
    const foreign = [
      { type: 'thinking', thinking: 'a', signature: '' },
      { type: 'thinking', thinking: 'b' },
      { type: 'thinking', thinking: 'c', signature: 'trunkline.gemini.abc' },
      { type: 'redacted_thinking', data: 'trunkline.openai.abc' },
    ];
    expect(contentOf(settled(body(...foreign, SIGNED, TEXT)))).toEqual([SIGNED, TEXT]);
    expect(settled(body(...foreign)).messages).toEqual([{ role: 'user', content: 'Hi' }]);
  });

  it('mends ids of calls that the API refuses, and those of their results', () => {
    const sent = {
      messages: [
        { role: 'assistant', content: [use('functions.f:0')] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'functions.f:0' }] },
        { role: 'assistant', content: [use('functions.f:0')] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'functions.f:0' }] },
      ],
    };
    expect(settled(sent).messages).toEqual([
      { role: 'assistant', content: [use('functions_f_0')] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'functions_f_0' }] },
      { role: 'assistant', content: [use('functions_f_0_2')] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'functions_f_0_2' }] },
    ]);
  });

  it('puts back what the gateway remembers, where it stood', () => {
    const thought = (text: string, model?: string): AssistantPart => ({
      type: 'reasoning',
      text,
      signature: 'sig',
      signedBy: 'anthropic',
      ...(model !== undefined && { model }),
    });
    const call = (id: string): AssistantPart => ({ type: 'tool-call', id, name: 'f', arguments: '{}' });
    const sent = body(TEXT, use('a'), use('b'));
    const said: AssistantPart = { type: 'text', text: 'Look.' };
    const parts = [thought('Hm.', MODEL), said, call('a'), thought('Then.', MODEL), call('b')];
    expect(contentOf(settled(sent, ...parts))).toEqual([
      SIGNED,
      TEXT,
      use('a'),
      { ...SIGNED, thinking: 'Then.' },
      use('b'),
    ]);
    const others = [thought('Hm.', 'claude-opus-4-8'), said, call('a'), thought('Then.'), call('b')];
    expect(settled(sent, ...others)).toBe(sent);
  });
});
