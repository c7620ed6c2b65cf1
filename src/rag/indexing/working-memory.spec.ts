import { describe, expect, it } from '@jest/globals';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { WorkingMemory } from './working-memory.js';

describe('WorkingMemory', () => {
  const never = new AbortController().signal;

  function begin(
    memory: WorkingMemory,
    size: number,
    signal = never,
  ): { end: () => void; over: Promise<void>; began: () => boolean } {
    let isBegun = false;
    let end = (): void => undefined;
    const held = new Promise<void>((resolve) => (end = resolve));
    const over = memory.hold(size, signal, () => {
      isBegun = true;
      return held;
    });
    return { end, over, began: () => isBegun };
  }

  it('lets in what fits, in the order of arrival', async () => {
    const memory = new WorkingMemory(10);
    const [first, second, third, small] = [begin(memory, 6), begin(memory, 4), begin(memory, 8), begin(memory, 1)];
    await nextTurn();
    expect([first, second, third, small].map((held) => held.began())).toEqual([true, true, false, false]);
    first.end();
    await first.over;
    await nextTurn();
    expect(third.began()).toBe(false);
    second.end();
    await second.over;
    await nextTurn();
    expect([third.began(), small.began()]).toEqual([true, true]);
  });

  it('lets what is larger than everything go alone, and gives its room back when it fails', async () => {
    const memory = new WorkingMemory(10);
    const failure = new Error('no');
    await expect(memory.hold(99, never, () => Promise.reject(failure))).rejects.toBe(failure);
    const large = begin(memory, 1_000);
    const other = begin(memory, 1);
    await nextTurn();
    expect([large.began(), other.began()]).toEqual([true, false]);
    large.end();
    await large.over;
    await nextTurn();
    expect(other.began()).toBe(true);
  });

  it('forgets whoever stops waiting', async () => {
    const memory = new WorkingMemory(10);
    const first = begin(memory, 6);
    const abort = new AbortController();
    const waiting = begin(memory, 9, abort.signal);
    const behind = begin(memory, 4);
    await nextTurn();
    expect(behind.began()).toBe(false);
    const reason = new Error('cancelled');
    abort.abort(reason);
    await expect(waiting.over).rejects.toBe(reason);
    await nextTurn();
    expect([waiting.began(), behind.began()]).toEqual([false, true]);
    await expect(memory.hold(1, abort.signal, () => Promise.resolve())).rejects.toBe(reason);
    first.end();
  });
});
