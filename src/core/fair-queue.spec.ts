import { describe, expect, it } from '@jest/globals';
import { FairQueue } from './fair-queue.js';

describe(FairQueue.name, () => {
  it('does one thing at a time, by turns among those who ask', async () => {
    const queue = new FairQueue();
    const done: string[] = [];
    let underWay = 0;
    const work = (name: string) => async (): Promise<string> => {
      underWay += 1;
      expect(underWay).toBe(1);
      await Promise.resolve();
      underWay -= 1;
      done.push(name);
      return name;
    };
    const all = ['a1', 'a2', 'a3', 'b1', 'b2', 'c1'].map((name) => queue.run(name.charAt(0), work(name)));
    expect(queue.size).toBe(6);
    expect(queue.waitingOf('a')).toBe(2);
    expect(await Promise.all(all)).toEqual(['a1', 'a2', 'a3', 'b1', 'b2', 'c1']);
    expect(done).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'b2']);
    expect([queue.size, queue.waitingOf('a')]).toEqual([0, 0]);
  });

  it('goes on after what failed', async () => {
    const queue = new FairQueue();
    const failed = queue.run('a', () => Promise.reject(new Error('no')));
    const next = queue.run('a', () => Promise.resolve(2));
    await expect(failed).rejects.toThrow('no');
    expect(await next).toBe(2);
    expect(await queue.run('b', () => Promise.resolve(3))).toBe(3);
  });
});
