import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../test/support/fake-clock.js';
import { Housekeeping } from './housekeeping.js';

describe('Housekeeping', () => {
  it('does chores from the start until the shutdown, and complains of those that fail', async () => {
    const clock = new FakeClock();
    const complaints: string[] = [];
    const keeping = new Housekeeping(clock, true, (line) => complaints.push(line));
    let runs = 0;
    keeping.add({
      everyMs: 100,
      complaint: 'Old things could not be deleted',
      run: () => {
        runs += 1;
        return runs === 1 ? Promise.reject(new Error('no database')) : Promise.resolve();
      },
    });
    await clock.advance(500);
    expect(runs).toBe(0);
    keeping.onApplicationBootstrap();
    await clock.advance(100);
    expect([runs, complaints]).toEqual([1, ['Old things could not be deleted: no database']]);
    await clock.advance(100);
    await keeping.beforeApplicationShutdown();
    await clock.advance(1_000);
    expect([runs, complaints.length]).toEqual([2, 1]);
  });

  it('leaves them to others where it is not ours', async () => {
    const clock = new FakeClock();
    const keeping = new Housekeeping(clock, false);
    keeping.add({ everyMs: 100, complaint: '', run: () => Promise.reject(new Error('It is not ours.')) });
    keeping.onApplicationBootstrap();
    await clock.advance(1_000);
    await keeping.beforeApplicationShutdown();
  });
});
