import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ChatEvent } from '../../core/chat/chat-event.js';
import { collectChat } from '../../core/chat/collect-chat.js';
import { tokenUsage } from '../../core/chat/token-usage.js';
import type { WireObject } from '../../core/chat/wire-object.js';
import { ReplayedEvents } from './replayed-events.js';
import { eventsOf, parseAnswer, serialiseAnswer, type StoredAnswer } from './stored-answer.js';

const wireOf = (value: object): WireObject => ({ dialect: 'openai-chat', value, text: JSON.stringify(value) });

function answerOf(events: readonly ChatEvent[], isStreamed = true): StoredAnswer {
  return {
    events,
    isStreamed,
    answeredBy: { provider: 'a', model: 'x' },
    costUsd: '0.5',
    warnings: ['w'],
    storedAt: 7,
  };
}

function again(answer: StoredAnswer): StoredAnswer {
  const read = parseAnswer(serialiseAnswer(answer));
  if (!read) throw new Error('It could not be read.');
  return read;
}

const bare = (events: readonly ChatEvent[]): object[] => events.map(({ wire: _wire, ...event }) => event);
const text = fc.string({ unit: 'binary', maxLength: 20 });
const choice = fc.constantFrom(0, 1);
const event: fc.Arbitrary<ChatEvent> = fc.oneof(
  fc.record({ type: fc.constant('text-delta' as const), choice, text }),
  fc.record({ type: fc.constant('reasoning-delta' as const), choice, text, signature: text }),
  fc.record({ type: fc.constant('tool-call-start' as const), choice, index: fc.nat(3), id: text, name: text }),
  fc.record({ type: fc.constant('tool-call-delta' as const), choice, index: fc.nat(3), argumentsDelta: text }),
  fc.record({ type: fc.constant('finish' as const), choice, finishReason: fc.constant('stop' as const) }),
  fc.constant<ChatEvent>({ type: 'usage', usage: tokenUsage({ input: 1, output: 2 }) }),
  fc.constant<ChatEvent>({ type: 'passthrough', wire: wireOf({ odd: true }) }),
);

describe('a stored answer', () => {
  it('is what it was, whatever was said in it, and collects to the same in either mode', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 12 }), fc.boolean(), async (events, isStreamed) => {
        const stored = again(answerOf(events, isStreamed));
        expect(bare(stored.events)).toEqual(bare(events));
        const { wire: _wire, ...original } = await collectChat(new ReplayedEvents(events));
        for (const stream of [true, false]) {
          const { wire: _same, ...replayed } = await collectChat(new ReplayedEvents(eventsOf(stored, stream)));
          expect(replayed).toEqual(original);
        }
      }),
    );
  });

  it('keeps the objects it was read from, shared as they were, and only for its own mode', () => {
    const [first, second] = [wireOf({ id: 1 }), { dialect: 'openai-chat' as const, value: { id: 2 } }];
    const stored = again(
      answerOf([
        { type: 'response-start', id: 'c', model: 'm', wire: first },
        { type: 'text-delta', choice: 0, text: 'a', wire: first },
        { type: 'passthrough', wire: second },
        { type: 'warning', message: 'ours' },
      ]),
    );
    const wires = eventsOf(stored, true).map(({ wire }) => wire);
    expect(wires[0]).toBe(wires[1]);
    expect(wires.map((wire) => wire?.value)).toEqual([{ id: 1 }, { id: 1 }, { id: 2 }, undefined]);
    expect(wires[0]?.text).toBe('{"id":1}');
    expect(eventsOf(stored, false)).toEqual([
      { type: 'response-start', id: 'c', model: 'm' },
      { type: 'text-delta', choice: 0, text: 'a' },
      { type: 'warning', message: 'ours' },
    ]);
    expect(stored).toMatchObject({
      answeredBy: { provider: 'a', model: 'x' },
      costUsd: '0.5',
      warnings: ['w'],
      storedAt: 7,
    });
  });

  it.each(['', 'null', '{}', '{"version":0}', '[1]', '\u0000'])('%j is none', (bytes) => {
    expect(parseAnswer(Buffer.from(bytes))).toBeNull();
  });
});
