import { describe, expect, it } from '@jest/globals';
import type { ChatEvent } from '../../core/chat/chat-event.js';
import { StateCollector } from './state-collector.js';
import type { ToolCallState } from './tool-call-state.js';

const choice = 0;
const signedBy = 'anthropic';

function collect(...events: ChatEvent[]): Record<string, ToolCallState | null> {
  const states: Record<string, ToolCallState | null> = {};
  const collector = new StateCollector((id, state) => (states[id] = state));
  for (const event of events) collector.add(event);
  return states;
}

function call(id: string, signature?: string): ChatEvent {
  const signed = signature === undefined ? {} : { signature, signedBy: 'gemini' as const };
  return { type: 'tool-call-start', choice, index: 0, id, name: 'f', ...signed };
}

function thinks(text: string, signed: object = {}): ChatEvent {
  return { type: 'reasoning-delta', choice, text, ...signed };
}

describe(StateCollector.name, () => {
  it('gives the thinking to the call that follows it, whole and in order', () => {
    const states = collect(
      thinks('Hm'),
      thinks('m.'),
      thinks('', { signature: 's1', signedBy }),
      thinks('', { redacted: 'r', signedBy }),
      { type: 'text-delta', choice, text: 'Let me look.' },
      thinks('So.', { signature: 's2', signedBy }),
      call('a'),
      call('b'),
    );
    expect(states).toEqual({
      a: {
        name: 'f',
        thoughts: [
          { text: 'Hmm.', signature: 's1', signedBy, afterText: false },
          { text: '', redacted: 'r', signedBy, afterText: false },
          { text: 'So.', signature: 's2', signedBy, afterText: true },
        ],
      },
      b: null,
    });
  });

  it('keeps the name of the model that signed', () => {
    const start: ChatEvent = { type: 'response-start', id: 'x', model: 'claude-opus-4-8' };
    expect(collect(start, thinks('Hm', { signature: 's', signedBy }), call('a')).a).toMatchObject({
      model: 'claude-opus-4-8',
    });
  });

  it("keeps a call's own signature", () => {
    expect(collect(call('a', 'sig'))).toEqual({ a: { name: 'f', thoughts: [], signature: 'sig', signedBy: 'gemini' } });
  });

  it.each<[string, ChatEvent[]]>([
    ['was not signed', [thinks('Hm'), call('a')]],
    ['was signed by nobody who says so', [thinks('Hm', { signature: 's' }), call('a')]],
  ])('keeps nothing that %s', (_what, events) => {
    expect(collect(...events)).toEqual({ a: null });
  });

  it('heeds the first choice only', () => {
    expect(collect({ type: 'reasoning-delta', choice: 1, text: 'x', signature: 's', signedBy }, call('a'))).toEqual({
      a: null,
    });
  });
});
