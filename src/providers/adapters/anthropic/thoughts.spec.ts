import { describe, expect, it } from '@jest/globals';
import type { AssistantPart, ChatMessage, ChatRequest } from '../../../core/chat/chat-request.js';
import type { JsonObject } from '../../../core/json.js';
import { buildMessagesBody } from './build-messages-body.js';
import { withoutForeignThoughts } from './thoughts.js';

function thought(model?: string): AssistantPart {
  return {
    type: 'reasoning',
    text: 'Hm',
    signature: 's',
    signedBy: 'anthropic',
    ...(model !== undefined && { model }),
  };
}

function history(...thoughts: AssistantPart[]): ChatMessage[] {
  return [
    { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
    { role: 'assistant', content: [...thoughts, { type: 'tool-call', id: 'a', name: 'f', arguments: '{}' }] },
    { role: 'tool', toolCallId: 'a', content: [{ type: 'text', text: '7' }] },
  ];
}

describe(withoutForeignThoughts.name, () => {
  const request = (...thoughts: AssistantPart[]): ChatRequest => ({
    model: 'm',
    stream: false,
    messages: history(...thoughts),
  });

  it('leaves a conversation alone in which there are none', () => {
    const given = request(thought(), thought('claude-opus-4-8-20260401'));
    expect(withoutForeignThoughts(given, 'claude-opus-4-8')).toBe(given);
  });

  it('takes out those of another model', () => {
    const given = request(thought('claude-opus-4-7'), thought('claude-opus-4-8'));
    expect(withoutForeignThoughts(given, 'claude-opus-4-8')).toEqual(request(thought('claude-opus-4-8')));
  });

  it('leaves them to a model that judges for itself', () => {
    const given = request(thought('claude-opus-4-7'));
    expect(withoutForeignThoughts(given, 'claude-fable-5-1')).toBe(given);
  });
});

describe('thinking that another model signed', () => {
  function build(model: string, signer: string): { types: unknown[]; thinking: unknown; warnings: string[] } {
    const warnings: string[] = [];
    const body = buildMessagesBody(
      model,
      {
        model,
        stream: false,
        messages: history(thought(signer)),
        tools: [{ name: 'f' }],
        reasoning: { effort: 'low' },
      },
      { maxOutputTokens: null, warn: (message) => warnings.push(message) },
    );
    const [, answer] = body.messages as { content: JsonObject[] }[];
    return { types: answer?.content.map(({ type }) => type) ?? [], thinking: body.thinking, warnings };
  }

  it.each([
    ['the same model', 'claude-opus-4-8', ['thinking', 'tool_use'], 'adaptive'],
    ['another one', 'claude-opus-4-7', ['tool_use'], 'adaptive'],
    ['an older one, which would have to think without it', 'claude-sonnet-4-5', ['tool_use'], undefined],
    ['one that judges for itself', 'claude-fable-5-1', ['thinking', 'tool_use'], 'adaptive'],
  ])('goes to %s as that takes it', (_what, model, types, thinking) => {
    const built = build(model, 'claude-opus-4-8');
    expect(built.types).toEqual(types);
    expect((built.thinking as JsonObject | undefined)?.type).toEqual(thinking);
    expect(built.warnings.length).toBe(thinking === undefined ? 1 : 0);
  });
});
