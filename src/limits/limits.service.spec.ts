import { beforeEach, describe, expect, it } from '@jest/globals';
import { codeOf, LimitBench, who } from '../../test/support/limit-bench.js';
import type { LimitTicket } from './limit-ticket.js';
import type { Principal } from '../core/principal.js';

const MINUTE_MS = 60_000;

let bench: LimitBench;

beforeEach(() => {
  bench = new LimitBench();
});

describe('a principal without limits', () => {
  it.each([who(null), who({}), who({}, {})])('is let through at once, and nobody is asked', (principal) => {
    const call = bench.call(principal);
    expect(
      bench.left.service.enter(call, () => {
        throw new Error('counted in vain');
      }),
    ).toBeNull();
    expect([bench.left.store.exchanges, bench.left.book.size, call.rateLimits]).toEqual([0, 0, null]);
  });
});

describe('requests a minute', () => {
  it.each([1, 7, 60, 90, 1_000])('never more than %d over two replicas, and hardly fewer', async (limit) => {
    const principal = who({ requestsPerMinute: limit });
    const [first, second] = [
      await bench.countAdmitted(bench.left, principal, Math.ceil(limit / 3)),
      await bench.countAdmitted(bench.right, principal, limit + 20),
    ];
    const third = await bench.countAdmitted(bench.left, principal, limit);
    expect(first + second + third).toBeLessThanOrEqual(limit);
    expect(first + second + third).toBeGreaterThanOrEqual(Math.floor(limit * 0.95));
  });

  it('of 60 exactly 60 when all of them come at once', async () => {
    const principal = who({ requestsPerMinute: 60 });
    for (const replica of [bench.left, bench.right]) replica.store.delayMs = 4;
    const all = Array.from({ length: 200 }, (_, index) =>
      bench.send(index % 2 === 0 ? bench.left : bench.right, principal),
    );
    const codes = (await Promise.all(all)).map(codeOf);
    expect(codes.filter((code) => code === 'admitted').length).toBeGreaterThanOrEqual(57);
    expect(codes.filter((code) => code === 'admitted').length).toBeLessThanOrEqual(60);
    expect(new Set(codes)).toEqual(new Set(['admitted', 'rate_limit_exceeded']));
  });

  it('begins anew with the minute of the store', async () => {
    await bench.clock.advance(45_000);
    const principal = who({ requestsPerMinute: 3 });
    expect(await bench.countAdmitted(bench.left, principal, 5)).toBe(3);
    await bench.clock.advance(MINUTE_MS - (bench.clock.now() % MINUTE_MS) - 1);
    expect(await bench.countAdmitted(bench.left, principal, 1)).toBe(0);
    await bench.clock.advance(1);
    expect(await bench.countAdmitted(bench.left, principal, 5)).toBe(3);
  });

  it('does not use a slice of a minute that is over', async () => {
    const principal = who({ requestsPerMinute: 5_000 });
    await bench.countAdmitted(bench.left, principal, 1);
    expect(bench.counts.minutes.get('key:key_1:requests')?.used).toBe(1 + 99);
    await bench.clock.advance(MINUTE_MS);
    await bench.countAdmitted(bench.left, principal, 1);
    expect(bench.counts.minutes.get('key:key_1:requests')?.used).toBe(1 + 99);
  });

  it('says what is bench.left, how long to wait, and why', async () => {
    await bench.clock.advance(20_000);
    const principal = who({ requestsPerMinute: 2 });
    const call = bench.call(principal);
    await bench.send(bench.left, principal, 1, call);
    expect(call.rateLimits?.requests).toEqual({ limit: 2, remaining: 1, resetMs: 40_000 });
    await bench.send(bench.right, principal);
    const refused = bench.call(principal);
    const outcome = await bench.send(bench.left, principal, 1, refused);
    expect(outcome).toMatchObject({
      code: 'rate_limit_exceeded',
      retryAfterMs: 40_000,
      message: expect.stringMatching(/2 requests a minute of this key is used up\. Try again in 40 s/),
    });
    expect(refused.rateLimits).toMatchObject({ requests: { limit: 2, remaining: 0 }, tokens: null });
  });

  it('refuses from memory what was just refused, and asks again a moment later', async () => {
    const principal = who({ requestsPerMinute: 1 });
    await bench.countAdmitted(bench.left, principal, 2);
    const { exchanges } = bench.left.store;
    expect(await bench.countAdmitted(bench.left, principal, 100)).toBe(0);
    expect(bench.left.store.exchanges).toBe(exchanges);
    await bench.clock.advance(101);
    await bench.countAdmitted(bench.left, principal, 1);
    expect(bench.left.store.exchanges).toBe(exchanges + 1);
  });

  it('asks for many in few steps, and seldom where the limit is large', async () => {
    bench.left.store.delayMs = 10;
    const small = who({ requestsPerMinute: 100 });
    await Promise.all(Array.from({ length: 50 }, () => bench.send(bench.left, small)));
    expect(bench.left.store.exchanges).toBeLessThanOrEqual(3);
    bench.left.store.delayMs = 0;
    const { exchanges } = bench.left.store;
    expect(await bench.countAdmitted(bench.left, who({ requestsPerMinute: 1_000_000 }), 2_000)).toBe(2_000);
    expect(bench.left.store.exchanges - exchanges).toBe(1);
  });

  it('bench.counts a call once, however many admissions it has', async () => {
    const principal = who({ requestsPerMinute: 2, concurrency: 1, tokensPerMinute: 45 });
    const call = bench.call(principal);
    const outcomes = await Promise.all([1, 2, 3].map(() => bench.send(bench.left, principal, 10, call)));
    expect(outcomes.map(codeOf)).toEqual(['admitted', 'admitted', 'admitted']);
    expect(bench.counts.minutes.get('key:key_1:requests')?.used).toBe(1);
    expect(bench.counts.minutes.get('key:key_1:tokens')?.used).toBe(30);
    for (const ticket of outcomes as LimitTicket[]) ticket.leave();
    expect(codeOf(await bench.send(bench.left, principal, 10, call))).toBe('admitted');
    expect(bench.counts.minutes.get('key:key_1:requests')?.used).toBe(1);
  });

  it('gives a cancelled request back, with everything that came with it', async () => {
    const principal = who({ requestsPerMinute: 1, tokensPerMinute: 50, concurrency: 1 });
    (await bench.admit(bench.left, principal, 50)).cancel();
    await bench.clock.advance(100);
    const again = await bench.admit(bench.right, principal, 50);
    again.leave();
    // A request that was over cannot be given back any more.
    again.cancel();
    await bench.clock.advance(100);
    expect(codeOf(await bench.send(bench.left, principal))).toBe('rate_limit_exceeded');
  });

  it('takes on a new limit, and gives back what it held of the old one', async () => {
    expect(await bench.countAdmitted(bench.left, who({ requestsPerMinute: 5_000 }), 2)).toBe(2);
    const lower = who({ requestsPerMinute: 10 });
    expect(await bench.countAdmitted(bench.left, lower, 20)).toBe(8);
    expect(await bench.countAdmitted(bench.right, who({ requestsPerMinute: 12 }), 20)).toBe(2);
  });
});

describe('limits of a key and of its project', () => {
  it('take from both or from neither', async () => {
    const principal = who({ requestsPerMinute: 100 }, { requestsPerMinute: 3 });
    expect(await bench.countAdmitted(bench.left, principal, 10)).toBe(3);
    const { used } = bench.counts.minutes.get('key:key_1:requests') ?? { used: 0 };
    expect(used).toBeLessThanOrEqual(3 + 2);
    const outcome = await bench.send(bench.right, principal);
    expect(outcome).toMatchObject({ message: expect.stringContaining('of this project is used up') });
    expect(bench.refusals).toEqual(Array.from({ length: 8 }, () => 'project requests'));
  });

  it('share the project among its keys', async () => {
    const of = (keyId: string): Principal => ({ ...who(null, { requestsPerMinute: 5 }), keyId });
    expect(await bench.countAdmitted(bench.left, of('key_1'), 3)).toBe(3);
    expect(await bench.countAdmitted(bench.right, of('key_2'), 3)).toBe(2);
  });

  it('show the tighter one', async () => {
    const principal = who({ requestsPerMinute: 40 }, { requestsPerMinute: 30, tokensPerMinute: 90 });
    const call = bench.call(principal);
    await bench.send(bench.left, principal, 15, call);
    expect(call.rateLimits).toMatchObject({
      requests: { limit: 30, remaining: 29 },
      tokens: { limit: 90, remaining: 75 },
    });
  });
});
