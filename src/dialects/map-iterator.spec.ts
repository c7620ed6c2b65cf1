import { describe, expect, it } from '@jest/globals';
import type { ReadyIterator } from '../core/ready-iterator.js';
import { MapIterator } from './map-iterator.js';

/** Gives its batches one by one; what is left of a batch is there without waiting. */
function batches(...source: number[][]): AsyncIterable<number> {
  let ready: number[] = [];
  const iterator: ReadyIterator<number> = {
    next: async () => {
      if (ready.length === 0) ready = source.shift() ?? [];
      const value = ready.shift();
      return value === undefined ? { done: true, value: undefined } : { done: false, value };
    },
    take: () => ready.shift(),
  };
  return { [Symbol.asyncIterator]: () => iterator };
}

/** Each number as often as it says; 9 is refused; `end` comes last. */
function mapped(source: AsyncIterable<number>): MapIterator<number, string> {
  return new MapIterator<number, string>(
    source,
    (count, ready) => {
      if (count === 9) throw new Error('nine');
      for (let time = 0; time < count; time += 1) ready.push(String(count));
    },
    (ready) => ready.push('end'),
  );
}

async function drain(iterator: MapIterator<number, string>, takes: boolean): Promise<string[]> {
  const seen: string[] = [];
  try {
    for (let step = await iterator.next(); step.done !== true; step = await iterator.next()) {
      seen.push(step.value);
      for (let more = takes ? iterator.take() : undefined; more !== undefined; more = iterator.take()) seen.push(more);
    }
  } catch (error) {
    seen.push((error as Error).message);
  }
  return seen;
}

describe('MapIterator', () => {
  it.each([
    [[], ['end']],
    [[[1, 0, 2]], ['1', '2', '2', 'end']],
    [
      [[0, 0], [3], [0], [1, 1]],
      ['3', '3', '3', '1', '1', 'end'],
    ],
    [[[1, 9, 2]], ['1', 'nine']],
    [
      [[1], [9]],
      ['1', 'nine'],
    ],
  ])('of %j gives the same with and without taking what is ready', async (source, expected) => {
    for (const takes of [false, true]) {
      const copy = source.map((batch) => [...batch]);
      expect([takes, await drain(mapped(batches(...copy)), takes)]).toEqual([takes, expected]);
    }
  });

  it.each([false, true])('closes a source of which it cannot go on (by taking: %s)', async (takes) => {
    let isClosed = false;
    const source = batches([1, 9, 2])[Symbol.asyncIterator]();
    const closing = Object.assign(source, {
      return: () => {
        isClosed = true;
        return Promise.resolve({ done: true as const, value: undefined });
      },
    });
    expect(await drain(mapped({ [Symbol.asyncIterator]: () => closing }), takes)).toEqual(['1', 'nine']);
    expect(isClosed).toBe(true);
  });

  it('has nothing ready once it was closed', async () => {
    const iterator = mapped(batches([2, 2]));
    await iterator.next();
    await iterator.return();
    expect(iterator.take()).toBeUndefined();
    expect((await iterator.next()).done).toBe(true);
  });
});
