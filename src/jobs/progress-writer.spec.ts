import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../test/support/fake-clock.js';
import type { JobProgress } from './job.js';
import { ProgressWriter } from './progress-writer.js';

describe('ProgressWriter', () => {
  let clock: FakeClock;
  let written: JobProgress[];
  let writer: ProgressWriter<JobProgress>;

  beforeEach(() => {
    clock = new FakeClock();
    written = [];
    writer = new ProgressWriter(clock, 500, (progress) => {
      written.push(progress);
      return Promise.resolve();
    });
  });

  it('writes only the latest of an interval', async () => {
    for (let done = 1; done <= 10; done += 1) writer.set({ done, total: 10 });
    await clock.advance(499);
    expect(written).toEqual([]);
    await clock.advance(1);
    expect(written).toEqual([{ done: 10, total: 10 }]);
    writer.set({ done: 11, total: 11 });
    await clock.advance(500);
    expect(written).toEqual([
      { done: 10, total: 10 },
      { done: 11, total: 11 },
    ]);
  });

  it('hands out what is left at the end, once, and writes nothing more', async () => {
    writer.set({ done: 1, total: 2 });
    expect(await writer.take()).toEqual({ done: 1, total: 2 });
    expect(await writer.take()).toBeNull();
    await clock.advance(1_000);
    expect(written).toEqual([]);
  });

  it('waits at the end for a write that is under way', async () => {
    const order: string[] = [];
    let release = (): void => undefined;
    const slow = new ProgressWriter<JobProgress>(clock, 500, async () => {
      await new Promise<void>((resolve) => (release = resolve));
      order.push('written');
    });
    slow.set({ done: 1, total: 1 });
    await clock.advance(500);
    const finished = slow.take().then(() => order.push('finished'));
    release();
    await finished;
    expect(order).toEqual(['written', 'finished']);
  });

  it('survives a write that fails', async () => {
    let isAway = true;
    const flaky = new ProgressWriter<JobProgress>(clock, 500, (progress) => {
      if (isAway) return Promise.reject(new Error('away'));
      written.push(progress);
      return Promise.resolve();
    });
    flaky.set({ done: 1, total: 2 });
    await clock.advance(500);
    isAway = false;
    flaky.set({ done: 2, total: 2 });
    await clock.advance(500);
    expect(written).toEqual([{ done: 2, total: 2 }]);
  });
});
