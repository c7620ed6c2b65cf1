import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../../test/support/fake-clock.js';
import { type LoadTicket, TargetLoad } from './target-load.js';

function setUp() {
  const clock = new FakeClock();
  const load = new TargetLoad(clock);
  const request = async (ms: number): Promise<void> => {
    const ticket = load.started();
    await clock.advance(ms);
    ticket.answered();
    ticket.finished(false);
  };
  const failure = async (ms: number): Promise<void> => {
    const ticket = load.started();
    await clock.advance(ms);
    ticket.finished(true);
  };
  const open = (count: number): LoadTicket[] => Array.from({ length: count }, () => load.started());
  return { clock, load, request, failure, open };
}

describe('TargetLoad: cost', () => {
  it('is nothing for a target that was never tried, and something once its first request is under way', () => {
    const { load, open } = setUp();
    expect(load.cost()).toBe(0);
    open(1);
    expect(load.cost()).toBeGreaterThan(0);
  });

  it('is the time to the first content, times the requests there would be', async () => {
    const { load, request, open } = setUp();
    await request(80);
    expect(load.cost()).toBeCloseTo(80);
    open(3);
    expect(load.cost()).toBeCloseTo(320);
  });

  it('takes the time to the first content, not to the end', async () => {
    const { clock, load } = setUp();
    const ticket = load.started();
    await clock.advance(50);
    ticket.answered();
    ticket.answered();
    await clock.advance(9_000);
    ticket.finished(false);
    ticket.answered();
    ticket.finished(true);
    expect(load.snapshot()).toMatchObject({ inFlight: 0, requests: 1, errorRate: 0 });
    expect(load.snapshot().p50Ms).toBeLessThan(53);
  });

  it('rises at once to a slower answer, falls by and by with faster ones, and by time alone', async () => {
    const { clock, load, request } = setUp();
    await request(100);
    await request(2_000);
    expect(load.cost()).toBeCloseTo(2_000);
    await request(100);
    expect(load.cost()).toBeGreaterThan(1_900);
    for (let count = 0; count < 100; count += 1) await request(100);
    expect(load.cost()).toBeGreaterThan(700);
    expect(load.cost()).toBeLessThan(900);
    const before = load.cost();
    await clock.advance(10_000);
    expect(load.cost()).toBeCloseTo(before / Math.E);
  });

  it('counts the silence of the request that waits longest', async () => {
    const { clock, load, request } = setUp();
    await request(20);
    const [first, second] = [load.started(), load.started()];
    await clock.advance(3_000);
    expect(load.cost()).toBeCloseTo(9_000);
    first.answered();
    first.finished(false);
    expect(load.cost()).toBeCloseTo(6_000);
    second.finished(false);
    expect(load.cost()).toBeCloseTo(3_000);
  });

  it('does not take a target that fails fast for a fast one', async () => {
    const slow = setUp();
    await slow.request(400);
    const sick = setUp();
    await sick.request(20);
    for (let count = 0; count < 3; count += 1) await sick.failure(1);
    expect(sick.load.cost()).toBeGreaterThan(slow.load.cost());
    const dead = setUp();
    await dead.failure(1);
    expect(dead.load.cost()).toBeGreaterThan(slow.load.cost());
    await dead.clock.advance(60_000);
    expect(dead.load.cost()).toBeLessThan(20);
  });

  it('forgives a single failure among many requests soon', async () => {
    const { load, request, failure } = setUp();
    for (let count = 0; count < 50; count += 1) await request(20);
    await failure(5);
    expect(load.cost()).toBeGreaterThan(400);
    for (let count = 0; count < 40; count += 1) await request(20);
    expect(load.cost()).toBeLessThan(50);
  });

  it('learns from a request that was given up only what its silence says', async () => {
    const { clock, load, request } = setUp();
    const unknown = load.started();
    await clock.advance(5);
    unknown.finished(false);
    expect(load.cost()).toBe(0);
    await request(50);
    const short = load.started();
    await clock.advance(5);
    short.finished(false);
    expect(load.cost()).toBeGreaterThan(49);
    const long = load.started();
    await clock.advance(700);
    long.finished(false);
    expect(load.cost()).toBeCloseTo(700);
  });
});

describe('TargetLoad: suspects', () => {
  it('is one when that many requests are silent for longer than its p99', async () => {
    const { clock, load, request, open } = setUp();
    for (let count = 0; count < 30; count += 1) await request(300);
    const tickets = open(5);
    await clock.advance(299);
    expect(load.isSuspect(5)).toBe(false);
    await clock.advance(30);
    expect(load.isSuspect(5)).toBe(true);
    expect(load.isSuspect(6)).toBe(false);
    tickets[2]?.answered();
    expect(load.isSuspect(5)).toBe(false);
    expect(load.isSuspect(4)).toBe(true);
    for (const ticket of tickets) ticket.finished(true);
    expect(load.isSuspect(1)).toBe(false);
  });

  it('counts only those that are silent for so long, not those that just began', async () => {
    const { clock, load, request, open } = setUp();
    for (let count = 0; count < 30; count += 1) await request(300);
    open(1);
    await clock.advance(400);
    open(4);
    expect(load.isSuspect(5)).toBe(false);
    await clock.advance(400);
    expect(load.isSuspect(5)).toBe(true);
  });

  it('is none as long as it answered too few requests to tell, or the silence is short', async () => {
    const few = setUp();
    for (let count = 0; count < 19; count += 1) await few.request(10);
    few.open(10);
    await few.clock.advance(5_000);
    expect(few.load.isSuspect(10)).toBe(false);
    const quick = setUp();
    for (let count = 0; count < 30; count += 1) await quick.request(2);
    quick.open(10);
    await quick.clock.advance(200);
    expect(quick.load.isSuspect(10)).toBe(false);
    await quick.clock.advance(1);
    expect(quick.load.isSuspect(10)).toBe(true);
  });

  it('heeds slow answers that are as usual as one in a hundred', async () => {
    const { clock, load, request, open } = setUp();
    for (let count = 0; count < 5; count += 1) await request(2_000);
    for (let count = 0; count < 30; count += 1) await request(100);
    open(2);
    await clock.advance(1_000);
    expect(load.isSuspect(2)).toBe(false);
    await clock.advance(1_100);
    expect(load.isSuspect(2)).toBe(true);
  });

  it('looks its p99 up anew when it has changed', async () => {
    const { clock, load, request, open } = setUp();
    for (let count = 0; count < 30; count += 1) await request(100);
    const tickets = open(20);
    await clock.advance(800);
    expect(load.isSuspect(2)).toBe(true);
    for (const ticket of tickets.slice(2)) ticket.answered();
    expect(load.isSuspect(2)).toBe(false);
  });
});

describe('TargetLoad: snapshot', () => {
  it('has percentiles within 5 %, in flight, and the share of failures', async () => {
    const { load, request, failure, open } = setUp();
    expect(load.snapshot()).toEqual({
      p50Ms: null,
      p95Ms: null,
      p99Ms: null,
      ewmaMs: null,
      inFlight: 0,
      requests: 0,
      errorRate: 0,
    });
    for (let ms = 1; ms <= 100; ms += 1) await request(ms * 10);
    for (let count = 0; count < 25; count += 1) await failure(1);
    open(2);
    const { p50Ms, p95Ms, p99Ms, inFlight, requests, errorRate } = load.snapshot();
    for (const [value, truth] of [
      [p50Ms, 500],
      [p95Ms, 950],
      [p99Ms, 990],
    ] as const) {
      expect(value).toBeGreaterThanOrEqual(truth);
      expect(value).toBeLessThan(truth * 1.05);
    }
    expect([inFlight, requests, errorRate]).toEqual([2, 125, 0.2]);
  });

  it('forgets what is older than five minutes, slice by slice', async () => {
    const { clock, load, request, failure } = setUp();
    await request(50);
    await failure(50);
    await clock.advance(200_000);
    await request(400);
    expect(load.snapshot()).toMatchObject({ requests: 3 });
    expect(load.snapshot().p50Ms).toBeLessThan(60);
    await clock.advance(120_000);
    expect(load.snapshot()).toMatchObject({ requests: 1, errorRate: 0 });
    expect(load.snapshot().p50Ms).toBeGreaterThan(390);
    await clock.advance(24 * 3_600_000);
    expect(load.snapshot()).toMatchObject({ requests: 0, p99Ms: null });
  });
});
