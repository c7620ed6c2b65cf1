import { describe, expect, it } from '@jest/globals';
import type { SeatGate } from '../../admission/seat-gate.js';
import { LineSlots } from './line-slots.js';

const config = { concurrency: 2, keptDays: 1, fileLimitBytes: 1, storageLimitBytes: 1 };
/** No request is in need of anything. */
const quiet = { relief: () => null } as unknown as SeatGate;
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('LineSlots', () => {
  it('lets so many run at once, by turns among the batches', async () => {
    const slots = new LineSlots(config, quiet);
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
    const slots = new LineSlots({ ...config, concurrency: 1 }, quiet);
    const free = await slots.acquire('a');
    free();
    free();
    await slots.acquire('a');
    let isIn = false;
    void slots.acquire('a').then(() => (isIn = true));
    await settled();
    expect(isIn).toBe(false);
  });

  it('holds a line back while requests are in need of what it would take', async () => {
    const { promise: calm, resolve } = Promise.withResolvers<undefined>();
    const slots = new LineSlots(config, { relief: () => calm } as unknown as SeatGate);
    let isIn = false;
    const line = slots.acquire('a').then(() => (isIn = true));
    await settled();
    expect(isIn).toBe(false);
    resolve(undefined);
    await line;
    expect(isIn).toBe(true);
  });
});
