import { describe, expect, it } from '@jest/globals';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { runLanes, type Lane } from './run-lanes.js';

interface Item {
  n: number;
}

const items = (count: number): Item[] => Array.from({ length: count }, (_, n) => ({ n }));

describe('runLanes', () => {
  it('does everything once, never more than the limit at a time, and closes its lanes', async () => {
    const seen: number[] = [];
    let [open, most, atWork] = [0, 0, 0];
    await runLanes(items(25), 4, () => {
      open += 1;
      return Promise.resolve({
        work: async ({ n }) => {
          most = Math.max(most, ++atWork);
          await nextTurn();
          seen.push(n);
          atWork -= 1;
        },
        close: () => (open -= 1),
      });
    });
    expect(seen.sort((left, right) => left - right)).toEqual(items(25).map(({ n }) => n));
    expect({ most, open }).toEqual({ most: 4, open: 0 });
  });

  it.each([
    [0, 0],
    [1, 1],
    [3, 3],
    [9, 4],
  ])('opens for %i items %i lanes', async (count, expected) => {
    let lanes = 0;
    const lane: Lane<Item> = { work: () => nextTurn(), close: () => undefined };
    await runLanes(items(count), 4, () => {
      lanes += 1;
      return Promise.resolve(lane);
    });
    expect(lanes).toBe(expected);
  });

  it('takes nothing further after a failure, lets the others end, and throws it', async () => {
    const done: number[] = [];
    const failure = new Error('third');
    let taken = 0;
    let stopped = false;
    function* counted(): Generator<Item> {
      for (const item of items(100)) {
        taken += 1;
        yield item;
      }
    }
    const run = runLanes(counted(), 2, (stop) => {
      stop.addEventListener('abort', () => (stopped = true));
      return Promise.resolve({
        work: async ({ n }) => {
          await nextTurn();
          if (n === 2) throw failure;
          await nextTurn();
          done.push(n);
        },
        close: () => undefined,
      });
    });
    await expect(run).rejects.toBe(failure);
    expect(stopped).toBe(true);
    expect(taken).toBeLessThan(6);
    expect(done).not.toContain(2);
    expect(done.length).toBe(taken - 1);
  });

  it('fails when a lane cannot be opened', async () => {
    const failure = new Error('no key');
    await expect(runLanes(items(3), 2, () => Promise.reject(failure))).rejects.toBe(failure);
  });
});
