import { beforeEach, describe, expect, it } from '@jest/globals';
import { codeOf, LimitBench, who } from '../../test/support/limit-bench.js';
import type { Principal } from '../core/principal.js';

const MINUTE_MS = 60_000;

let bench: LimitBench;

beforeEach(() => {
  bench = new LimitBench();
});

describe('a store that is away', () => {
  const down = new Error('ECONNREFUSED');

  it('refuses what nobody can count, and bench.counts again as soon as it answers', async () => {
    const principal = who({ requestsPerMinute: 5 });
    bench.left.store.failure = down;
    expect(codeOf(await bench.send(bench.left, principal))).toBe('dependency_unavailable');
    bench.left.store.failure = null;
    expect(codeOf(await bench.send(bench.left, principal))).toBe('admitted');
  });

  it('hears of seats and corrections once it is back, and is not stormed meanwhile', async () => {
    const principal = who({ concurrency: 1, tokensPerMinute: 100 });
    const ticket = await bench.admit(bench.left, principal, 100);
    bench.left.store.failure = down;
    ticket.settle(0);
    ticket.leave();
    const { exchanges } = bench.left.store;
    await bench.clock.advance(10_000);
    expect(bench.left.store.exchanges - exchanges).toBeLessThanOrEqual(11);
    bench.left.store.failure = null;
    await bench.clock.advance(1_000);
    expect(codeOf(await bench.send(bench.right, principal, 100))).toBe('admitted');
  });

  it('never lets more through when an answer was lost on the way', async () => {
    const principal = who({ requestsPerMinute: 2, concurrency: 2 });
    bench.left.store.failsLate = true;
    bench.left.store.failure = down;
    expect(codeOf(await bench.send(bench.left, principal))).toBe('dependency_unavailable');
    bench.left.store.failure = null;
    await bench.clock.advance(1_000);
    // The request was counted, and its seat is free again.
    expect(await bench.countAdmitted(bench.right, principal, 5)).toBe(1);
    expect(bench.counts.seats.get('key:key_1:concurrency')).toEqual(
      new Map([
        ['left', 0],
        ['right', 1],
      ]),
    );
  });

  it('never gives back twice when an answer was lost on the way', async () => {
    const principal = who({ tokensPerMinute: 100 });
    const ticket = await bench.admit(bench.left, principal, 100);
    Object.assign(bench.left.store, { failsLate: true, failure: down });
    ticket.settle(0);
    await bench.clock.advance(100);
    // It was given back, and the other one has it now.
    expect(codeOf(await bench.send(bench.right, principal, 100))).toBe('admitted');
    bench.left.store.failure = null;
    await bench.clock.advance(1_000);
    expect(codeOf(await bench.send(bench.right, principal, 100))).toBe('rate_limit_exceeded');
    expect(codeOf(await bench.send(bench.left, principal, 100))).toBe('rate_limit_exceeded');
  });

  it('keeps counting when the bench.counts begin elsewhere', async () => {
    const principal = who({ concurrency: 2, requestsPerMinute: 5_000, tokensPerMinute: 100 });
    const ticket = await bench.admit(bench.left, principal, 60);
    bench.counts.minutes.clear();
    bench.counts.seats.clear();
    bench.left.store.onMoved();
    await bench.clock.advance(0);
    expect(bench.counts.seats.get('key:key_1:concurrency')).toEqual(new Map([['left', 1]]));
    // What the old bench.counts knew of is no business of the new ones.
    await bench.admit(bench.right, principal, 30);
    ticket.settle(0);
    ticket.leave();
    await bench.clock.advance(100);
    expect(bench.counts.minutes.get('key:key_1:tokens')?.used).toBe(30 + 1);
    expect(bench.counts.seats.get('key:key_1:concurrency')?.get('left')).toBe(0);
  });
});

describe('memory', () => {
  it('forgets limits that nobody uses any more', async () => {
    const of = (index: number): Principal => ({
      ...who({ requestsPerMinute: 5, concurrency: 1 }),
      keyId: String(index),
    });
    const held = await bench.admit(bench.left, of(-1));
    for (let index = 0; index < 1_200; index += 1) (await bench.admit(bench.left, of(index))).leave();
    await bench.clock.advance(2 * MINUTE_MS);
    await bench.admit(bench.left, of(5_000));
    expect(bench.left.book.size).toBeLessThan(10);
    held.leave();
    await bench.clock.advance(0);
    expect(bench.counts.seats.get('key:-1:concurrency')?.get('left')).toBe(0);
  });

  it('has no timers when there is nothing to tell', async () => {
    const ticket = await bench.admit(bench.left, who({ requestsPerMinute: 5, tokensPerMinute: 9, concurrency: 1 }));
    ticket.settle(0);
    ticket.leave();
    await bench.clock.advance(200);
    expect(bench.clock.pendingTimers).toBe(0);
    await bench.left.service.beforeApplicationShutdown();
    expect(bench.counts.seats.get('key:key_1:concurrency')?.has('left')).toBe(false);
  });
});
