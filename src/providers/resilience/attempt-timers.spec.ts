import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../../test/support/fake-clock.js';
import { AttemptTimers, type TimerLimits } from './attempt-timers.js';

function setUp(limits: Partial<TimerLimits> = {}) {
  const clock = new FakeClock();
  const expired: [string, number][] = [];
  const all = { firstContentMs: 1_000, idleMs: 500, totalAt: 10_000, deadlineAt: Infinity, ...limits };
  const timers = new AttemptTimers(clock, all, (timer) => expired.push([timer, clock.monotonic()]));
  return { clock, timers, expired };
}

describe('AttemptTimers', () => {
  it.each<[string, Partial<TimerLimits>, [string, number]]>([
    ['first content', {}, ['first-content', 1_000]],
    ['the whole', { totalAt: 800 }, ['total', 800]],
    ["the client's deadline", { deadlineAt: 700, totalAt: 800 }, ['deadline', 700]],
    ['no first content', { firstContentMs: Infinity }, ['total', 10_000]],
  ])('limits %s', async (_title, limits, expected) => {
    const { clock, expired } = setUp(limits);
    await clock.advance(20_000);
    expect(expired).toEqual([expected]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('stays silent once it was stopped, whatever comes after that', async () => {
    const { clock, timers, expired } = setUp();
    timers.stop();
    timers.contentArrived();
    timers.asked();
    expect(clock.pendingTimers).toBe(0);
    await clock.advance(20_000);
    expect(expired).toEqual([]);
  });

  it('measures idle time from the moment the event was asked for', async () => {
    const { clock, timers, expired } = setUp();
    await clock.advance(900);
    timers.contentArrived();
    for (let event = 0; event < 5; event += 1) {
      timers.asked();
      await clock.advance(400);
      timers.arrived();
    }
    timers.asked();
    await clock.advance(499);
    expect(expired).toEqual([]);
    await clock.advance(1);
    expect(expired).toEqual([['idle', 3_400]]);
  });

  it('does not blame the provider for a slow client', async () => {
    const { clock, timers, expired } = setUp();
    timers.contentArrived();
    timers.asked();
    timers.arrived();
    await clock.advance(9_000);
    expect(expired).toEqual([]);
    await clock.advance(1_000);
    expect(expired).toEqual([['total', 10_000]]);
  });

  it('leaves nothing behind when stopped', async () => {
    const { clock, timers, expired } = setUp();
    timers.stop();
    expect(clock.pendingTimers).toBe(0);
    await clock.advance(20_000);
    expect(expired).toEqual([]);
  });
});
