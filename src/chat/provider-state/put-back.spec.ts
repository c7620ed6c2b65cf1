import { describe, expect, it } from '@jest/globals';
import type { AssistantPart, ChatMessage } from '../../core/chat/chat-request.js';
import { putBack } from './put-back.js';
import type { ToolCallState } from './tool-call-state.js';

const signedBy = 'anthropic';
const TEXT: AssistantPart = { type: 'text', text: 'Let me look.' };

function call(id: string, name = 'f'): AssistantPart {
  return { type: 'tool-call', id, name, arguments: '{}' };
}

function thought(text: string): AssistantPart {
  return { type: 'reasoning', text, signature: 's', signedBy };
}

function state(...texts: string[]): ToolCallState {
  return {
    name: 'f',
    thoughts: texts.map((text) => ({ text, signature: 's', signedBy, afterText: text.startsWith('later') })),
  };
}

function restored(content: AssistantPart[], states: Record<string, ToolCallState | null>): AssistantPart[] {
  const messages: ChatMessage[] = [{ role: 'assistant', content }];
  const [message] = putBack(messages, (id) => states[id]);
  return message?.content as AssistantPart[];
}

describe(putBack.name, () => {
  it('puts each thought where it stood', () => {
    const states = { a: state('first', 'later'), b: state('between') };
    expect(restored([TEXT, call('a'), call('b')], states)).toEqual([
      thought('first'),
      TEXT,
      thought('later'),
      call('a'),
      thought('between'),
      call('b'),
    ]);
  });

  it('says which model a thought is of', () => {
    const states = { a: { ...state('first'), model: 'claude-opus-4-8' } };
    expect(restored([call('a')], states)[0]).toEqual({ ...thought('first'), model: 'claude-opus-4-8' });
  });

  it("gives a call its signature back, and takes nothing from the client's parts", () => {
    const signed = { name: 'f', thoughts: [], signature: 'sig', signedBy: 'gemini' as const };
    const content = [call('a')];
    expect(restored(content, { a: signed })).toEqual([{ ...call('a'), signature: 'sig', signedBy: 'gemini' }]);
    expect(content).toEqual([call('a')]);
  });

  it('gives a call its signature back where the client kept the thoughts of its vendor', () => {
    const own: AssistantPart = { type: 'reasoning', text: 'own', signature: 's', signedBy: 'gemini' };
    const given = { ...state('first'), signature: 'sig', signedBy: 'gemini' as const };
    expect(restored([own, call('a')], { a: given })).toEqual([
      own,
      { ...call('a'), signature: 'sig', signedBy: 'gemini' },
    ]);
  });

  it.each<[string, AssistantPart[]]>([
    ['kept some of it', [thought('own'), call('a')]],
    ['has another function under the id', [call('a', 'g')]],
    ['has no state', [call('z')]],
    ['calls nothing', [TEXT]],
  ])('leaves a message alone that %s', (_what, content) => {
    expect(restored(content, { a: state('first'), z: null })).toBe(content);
  });
});
