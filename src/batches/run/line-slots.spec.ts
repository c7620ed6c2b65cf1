import { describe, expect, it } from '@jest/globals';
import { LineSlots } from './line-slots.js';

const config = { concurrency: 2, keptDays: 1, fileLimitBytes: 1, storageLimitBytes: 1 };
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('LineSlots', () => {
  it('lets so many run at once, by turns among the batches', async () => {
    const slots = new LineSlots(config);
    const order: string[] = [];
    const begin = async (batch: string): Promise<() => void> => {
      const free = await slots.acquire(batch);
      order.push(batch);
      return free;
    };
    const running = [await begin('large'), await begin('large')];
    const waiting = ['large', 'large', 'large', 'small'].map(begin);
    await settled();
    expect(order).toEqual(['large', 'large']);
    // Each that ends lets one of those in that wait.
    for (const held of running) held();
    for (const work of waiting) void work.then((free) => setImmediate(free));
    await Promise.all(waiting);
    expect(order.slice(2)).toEqual(['large', 'small', 'large', 'large']);
  });

  it('counts a place that is given back twice once', async () => {
    const slots = new LineSlots({ ...config, concurrency: 1 });
    const free = await slots.acquire('a');
    free();
    free();
    await slots.acquire('a');
    let isIn = false;
    void slots.acquire('a').then(() => (isIn = true));
    await settled();
    expect(isIn).toBe(false);
  });
});
