import { describe, expect, it } from '@jest/globals';
import type { ChatEvent } from '../../core/chat/chat-event.js';
import { CheckedEvents } from './checked-events.js';

const START: ChatEvent = { type: 'response-start', id: 'x', model: 'm', isFormEmulated: true };
const FINISH: ChatEvent = { type: 'finish', choice: 0, finishReason: 'stop' };

function text(value: string, choice = 0): ChatEvent {
  return { type: 'text-delta', choice, text: value };
}

/** A source that has some of its events ready. */
function source(events: readonly ChatEvent[], isReady: boolean): AsyncIterable<ChatEvent> {
  const left = [...events];
  const next = (): Promise<IteratorResult<ChatEvent, undefined>> => {
    const event = left.shift();
    return Promise.resolve(event ? { done: false, value: event } : { done: true, value: undefined });
  };
  const take = (): ChatEvent | undefined => (isReady ? left.shift() : undefined);
  return { [Symbol.asyncIterator]: () => ({ next, take }) };
}

describe.each([false, true])('CheckedEvents, with events at hand: %s', (isReady) => {
  const read = async (
    events: readonly ChatEvent[],
    answer: string | null = 'It is wrong.',
  ): Promise<{ seen: ChatEvent[]; texts: string[]; told: string[] }> => {
    const seen: ChatEvent[] = [];
    const texts: string[] = [];
    const told: string[] = [];
    const check = (checked: string): Promise<string | null> => {
      texts.push(checked);
      return Promise.resolve(answer);
    };
    const checked = new CheckedEvents(source(events, isReady), check, (warnings) => told.push(...warnings));
    for (let step = await checked.next(); step.done !== true; step = await checked.next()) {
      for (let event: ChatEvent | undefined = step.value; event; event = checked.take()) seen.push(event);
    }
    return { seen, texts, told };
  };

  it('warns before the end of a choice that is not what it should be', async () => {
    const other: ChatEvent = { type: 'finish', choice: 1, finishReason: 'stop' };
    const { seen, texts, told } = await read([START, text('a'), text('b', 1), text('c'), FINISH, other]);
    const warning: ChatEvent = { type: 'warning', message: 'It is wrong.' };
    expect(seen).toEqual([START, text('a'), text('b', 1), text('c'), warning, FINISH, warning, other]);
    expect(texts).toEqual(['ac', 'b']);
    expect(told).toEqual(['It is wrong.', 'It is wrong.']);
  });

  it('leaves right answers, those that somebody enforced, and those that did not come to their end', async () => {
    const right = [START, text('a'), FINISH];
    expect(await read(right, null)).toEqual({ seen: right, texts: ['a'], told: [] });
    const { isFormEmulated: _, ...enforced } = START;
    expect((await read([enforced, text('a'), FINISH])).texts).toEqual([]);
    for (const finishReason of ['length', 'content-filter', 'tool-calls'] as const) {
      expect((await read([START, text('a'), { type: 'finish', choice: 0, finishReason }])).texts).toEqual([]);
    }
  });
});
