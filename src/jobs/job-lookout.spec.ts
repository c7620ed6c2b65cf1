import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../test/support/fake-clock.js';
import { JobLookout } from './job-lookout.js';

describe(JobLookout.name, () => {
  let clock: FakeClock;
  let due: Map<string, number>;
  let asked: string[][];
  let woken: string[];
  let failures: string[];
  let isAway: boolean;
  let lookout: JobLookout;

  beforeEach(() => {
    clock = new FakeClock();
    due = new Map();
    [asked, woken, failures, isAway] = [[], [], [], false];
    lookout = new JobLookout({
      clock,
      everyMs: 500,
      count: (kinds) => {
        asked.push([...kinds]);
        return isAway ? Promise.reject(new Error('away')) : Promise.resolve(due);
      },
      wake: (workerId) => woken.push(workerId),
      failed: ({ message }) => failures.push(message),
    });
    for (const workerId of ['a1', 'a2', 'a3']) lookout.rests('a', workerId);
    lookout.rests('b', 'b1');
  });

  it('asks once for all kinds, and wakes as many workers as there are jobs for', async () => {
    lookout.start();
    due = new Map([['a', 2]]);
    await clock.advance(500);
    expect(asked).toEqual([['a', 'b']]);
    expect(woken).toEqual(['a1', 'a2']);
    due = new Map([
      ['a', 100],
      ['b', 1],
    ]);
    await clock.advance(500);
    expect(woken.slice(2)).toEqual(['a3', 'a1', 'a2', 'b1']);
    await lookout.stop();
    expect(clock.pendingTimers).toBe(0);
  });

  it('asks only for kinds that somebody has time for, and for none when nobody has', async () => {
    lookout.start();
    lookout.works('b', 'b1');
    await clock.advance(500);
    for (const workerId of ['a1', 'a2', 'a3']) lookout.works('a', workerId);
    await clock.advance(500);
    lookout.rests('b', 'b1');
    await clock.advance(500);
    expect(asked).toEqual([['a'], ['b']]);
    await lookout.stop();
  });

  it('wakes one at once for what this process put there, and nobody who works already', () => {
    lookout.ring('a');
    lookout.works('a', 'a1');
    lookout.ring('a', 2);
    lookout.works('b', 'b1');
    lookout.ring('b');
    lookout.ring('unknown');
    expect(woken).toEqual(['a1', 'a2', 'a3']);
  });

  it('wakes another one for each job of many that come before the first one says that it works', () => {
    for (let jobs = 0; jobs < 3; jobs += 1) lookout.ring('a');
    expect(woken).toEqual(['a1', 'a2', 'a3']);
  });

  it('goes on looking when it could not', async () => {
    lookout.start();
    isAway = true;
    await clock.advance(500);
    isAway = false;
    due = new Map([['b', 1]]);
    await clock.advance(500);
    expect([failures, woken]).toEqual([['away'], ['b1']]);
    await lookout.stop();
  });
});
