import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../test/support/fake-clock.js';
import { RecurringTask } from './recurring-task.js';

describe(RecurringTask.name, () => {
  it('goes on after what failed, each time so long after the last run was over', async () => {
    const clock = new FakeClock();
    const runs = [
      Promise.withResolvers<undefined>(),
      Promise.withResolvers<undefined>(),
      Promise.withResolvers<undefined>(),
    ];
    const failures: string[] = [];
    let begun = 0;
    const task = new RecurringTask(clock, {
      everyMs: 100,
      run: () => runs[begun++]?.promise ?? Promise.resolve(),
      failed: ({ message }) => failures.push(message),
    });
    task.start();
    await clock.advance(99);
    expect(begun).toBe(0);
    await clock.advance(1);
    // The first one is under way for long: no second one begins.
    await clock.advance(500);
    expect(begun).toBe(1);
    runs[0]?.reject(new Error('no'));
    await clock.advance(0);
    expect(failures).toEqual(['no']);
    await clock.advance(100);
    expect(begun).toBe(2);
    const stopped = task.stop();
    let isStopped = false;
    void stopped.then(() => (isStopped = true));
    await clock.advance(0);
    expect(isStopped).toBe(false);
    runs[1]?.resolve(undefined);
    await stopped;
    await clock.advance(1_000);
    expect([begun, clock.pendingTimers]).toEqual([2, 0]);
  });

  it('that was stopped never begins', async () => {
    const clock = new FakeClock();
    let begun = 0;
    const task = new RecurringTask(clock, {
      everyMs: 1,
      run: () => Promise.resolve((begun += 1)),
      failed: () => undefined,
    });
    await task.stop();
    task.start();
    await clock.advance(10);
    expect([begun, clock.pendingTimers]).toEqual([0, 0]);
  });
});
