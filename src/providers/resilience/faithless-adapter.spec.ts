import type { Cancellation } from '../../core/cancellation.js';
import { describe, expect, it } from '@jest/globals';
import { answer, chatRequest, createCall, createWorld, modelConfig } from '../../../test/support/scripted-providers.js';
import { collectChat } from '../../core/chat/collect-chat.js';

/** A world whose adapter throws at once where it should give a promise: when it is asked for more than `count` events. */
function throwingAfter(count: number) {
  const world = createWorld({ models: [modelConfig('m', ['a/x'])], scripts: { a: [answer] } });
  const adapter = world.adapter('a');
  const chat = adapter.chat.bind(adapter);
  adapter.chat = (...parameters) => {
    const events = chat(...parameters)[Symbol.asyncIterator]();
    let asked = 0;
    const next = () => {
      asked += 1;
      if (asked > count) throw new Error('a bug of the adapter');
      return events.next();
    };
    return { [Symbol.asyncIterator]: () => ({ ...events, next }) };
  };
  return { ...world, adapter };
}

describe('AttemptStream: an adapter that throws where it should reject', () => {
  it.each([
    ['before content', 1, 'malformed_response'],
    ['after content', 2, 'upstream_stream_interrupted'],
  ])('%s', async (_title, count, code) => {
    const { clock, registry, budget, adapter } = throwingAfter(count);
    const call = createCall(clock);
    const settled = expect(registry.chat(chatRequest(), call).then(collectChat)).rejects.toMatchObject({ code });
    await clock.advance(5_000);
    await settled;
    expect(call.attempts.at(-1)).toMatchObject({ outcome: 'failed', errorKind: 'malformed' });
    expect(adapter.closed).toBe(call.attempts.length);
    expect([clock.pendingTimers, budget.inFlight, (call.signal as Cancellation).listenerCount]).toEqual([0, 0, 0]);
  });
});
