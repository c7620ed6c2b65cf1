import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FakeClock } from '../../../test/support/fake-clock.js';
import type { ProviderLimitsConfig, ProviderQueueConfig } from '../../config/gateway-config.js';
import { tokenUsage } from '../../core/chat/token-usage.js';
import type { LimitSlot } from './limit-slot.js';
import { createLimiter, ProviderLimiter } from './provider-limiter.js';

const NO_LIMITS: ProviderLimitsConfig = { requestsPerMinute: null, tokensPerMinute: null, concurrency: null };

interface Options {
  limits?: Partial<ProviderLimitsConfig>;
  queue?: Partial<ProviderQueueConfig>;
  instances?: () => number;
}

function setUp({ limits, queue, instances = () => 1 }: Options = {}) {
  const clock = new FakeClock();
  const config = { limits: { ...NO_LIMITS, ...limits }, queue: { size: 100, waitMs: 10_000, ...queue } };
  const limiter = new ProviderLimiter(config, clock, instances);
  const served: string[] = [];
  const slots: LimitSlot[] = [];
  const wait = (project: string, rest: { limitMs?: number; signal?: AbortSignal; tokens?: number } = {}) =>
    limiter
      .wait({
        project,
        demand: rest.tokens === undefined ? null : { prompt: rest.tokens, answer: 0 },
        limitMs: rest.limitMs ?? 10_000,
        signal: rest.signal ?? new AbortController().signal,
      })
      .then((slot) => {
        served.push(slot ? project : `${project} refused`);
        if (slot) slots.push(slot);
        return slot;
      });
  return { clock, limiter, wait, served, slots };
}

const anybody = { project: '', demand: null };

describe('ProviderLimiter: concurrency', () => {
  it('is a bulkhead whose slots come back, each once', () => {
    const { limiter } = setUp({ limits: { concurrency: 2 } });
    const first = limiter.tryTake(anybody);
    const second = limiter.tryTake(anybody);
    expect([limiter.tryTake(anybody), limiter.snapshot().inUse]).toEqual([null, 2]);
    first?.release(null, 0);
    first?.release(null, 0);
    first?.cancel();
    expect(limiter.snapshot().inUse).toBe(1);
    second?.cancel();
    expect(limiter.snapshot().inUse).toBe(0);
  });

  it('hands a slot to who waits, and to nobody who comes later', async () => {
    const { limiter, wait, served, clock } = setUp({ limits: { concurrency: 1 } });
    const slot = limiter.tryTake(anybody);
    void wait('a');
    void wait('b');
    slot?.release(null, 0);
    expect(limiter.tryTake(anybody)).toBeNull();
    await clock.advance(0);
    expect([served, limiter.snapshot().queued]).toEqual([['a'], 1]);
  });

  it('serves projects in turns: a flood starves nobody', async () => {
    const { limiter, wait, served, slots, clock } = setUp({ limits: { concurrency: 1 } });
    const slot = limiter.tryTake(anybody);
    for (let index = 0; index < 50; index += 1) void wait('flood');
    void wait('small');
    slot?.release(null, 0);
    await clock.advance(0);
    slots[0]?.release(null, 0);
    await clock.advance(0);
    expect(served).toEqual(['flood', 'small']);
  });

  it('lets another project into a queue that one has filled', async () => {
    const { limiter, wait, served, clock } = setUp({ limits: { concurrency: 1 }, queue: { size: 3 } });
    limiter.tryTake(anybody);
    for (let index = 0; index < 4; index += 1) void wait('flood');
    await clock.advance(0);
    expect([served, limiter.hasRoomFor('flood')]).toEqual([['flood refused'], false]);
    void wait('small');
    await clock.advance(0);
    expect([served, limiter.snapshot().queued]).toEqual([['flood refused', 'flood refused'], 3]);
  });
});

describe('ProviderLimiter: rates', () => {
  it('releases who waits evenly spaced', async () => {
    const { clock, wait } = setUp({ limits: { requestsPerMinute: 60 } });
    const at: number[] = [];
    for (let index = 0; index < 4; index += 1) void wait('a').then(() => at.push(clock.monotonic()));
    await clock.advance(5_000);
    expect(at).toEqual([0, 1_000, 2_000, 3_000]);
  });

  it('a request that was never sent does not count', () => {
    const { limiter } = setUp({ limits: { requestsPerMinute: 60 } });
    limiter.tryTake(anybody)?.cancel();
    expect(limiter.tryTake(anybody)).not.toBeNull();
    expect(limiter.tryTake(anybody)).toBeNull();
  });

  it('counts tokens by estimate, and by the truth once it is known', () => {
    const { limiter } = setUp({ limits: { tokensPerMinute: 60_000 } });
    const big = { project: 'a', demand: { prompt: 1_000, answer: 2_000 } };
    const first = limiter.tryTake(big);
    expect(limiter.tryTake(big)).toBeNull();
    first?.release(tokenUsage({ input: 0, output: 0 }), 0);
    expect(limiter.tryTake(big)).toBeNull();
    const small = { project: 'a', demand: { prompt: 500, answer: 1_000 } };
    const second = limiter.tryTake(small);
    second?.release(tokenUsage({ input: 10, output: 10 }), 80);
    expect(limiter.tryTake(small)).not.toBeNull();
  });

  it('waits for the tokens of the one whose turn it is, however little the next one needs', async () => {
    const { clock, limiter, wait, served } = setUp({ limits: { tokensPerMinute: 6_000 } });
    limiter.tryTake({ project: 'a', demand: { prompt: 300, answer: 0 } });
    void wait('big', { tokens: 300 });
    void wait('small', { tokens: 1 });
    await clock.advance(2_000);
    expect(served).toEqual([]);
    await clock.advance(2_000);
    expect(served).toEqual(['big', 'small']);
  });

  it('lets nobody pass those who wait, however little is wanted', async () => {
    const { clock, limiter, wait } = setUp({ limits: { tokensPerMinute: 6_000 } });
    limiter.tryTake({ project: 'a', demand: { prompt: 200, answer: 0 } });
    void wait('big', { tokens: 300 });
    await clock.advance(0);
    expect(limiter.tryTake({ project: 'a', demand: { prompt: 1, answer: 0 } })).toBeNull();
  });

  it('divides its limits by the instances that live', async () => {
    let instances = 40;
    const { clock, limiter, wait, served } = setUp({
      limits: { requestsPerMinute: 240, concurrency: 4, tokensPerMinute: 1_000 },
      instances: () => instances,
    });
    expect(limiter.snapshot()).toMatchObject({ requestsPerMinute: 6, concurrency: 1, tokensPerMinute: 25 });
    limiter.tryTake(anybody)?.release(null, 0);
    expect(limiter.retryAfterMs(anybody)).toBe(10_000);
    void wait('a');
    instances = 1;
    await clock.advance(1_000);
    expect([served, limiter.snapshot().concurrency]).toEqual([['a'], 4]);
  });
});

describe('ProviderLimiter: leaving the queue', () => {
  it('at once when the caller leaves, after the wait limit, and never when it is gone already', async () => {
    const { clock, limiter, wait, served } = setUp({ limits: { concurrency: 1 } });
    limiter.tryTake(anybody);
    const controller = new AbortController();
    void wait('leaves', { signal: controller.signal });
    void wait('tires', { limitMs: 500 });
    void wait('gone', { signal: AbortSignal.abort() });
    void wait('hurries', { limitMs: 0 });
    controller.abort();
    await clock.advance(0);
    expect([served, limiter.snapshot().queued]).toEqual([['gone refused', 'hurries refused', 'leaves refused'], 1]);
    await clock.advance(500);
    expect([served.at(-1), limiter.snapshot().queued, clock.pendingTimers]).toEqual(['tires refused', 0, 0]);
  });

  it('who leaves lets the next one go that needs less', async () => {
    const { clock, limiter, wait, served } = setUp({ limits: { tokensPerMinute: 6_000 } });
    limiter.tryTake({ project: 'a', demand: { prompt: 290, answer: 0 } });
    const controller = new AbortController();
    void wait('big', { tokens: 300, signal: controller.signal });
    void wait('small', { tokens: 5 });
    controller.abort();
    await clock.advance(0);
    expect(served).toEqual(['big refused', 'small']);
  });

  it('says how long a newcomer would wait', () => {
    const rate = setUp({ limits: { requestsPerMinute: 60 } });
    rate.limiter.tryTake(anybody);
    void rate.wait('a');
    void rate.wait('b');
    expect(rate.limiter.retryAfterMs(anybody)).toBe(3_000);
    const bulkhead = setUp({ limits: { concurrency: 2 } });
    expect(bulkhead.limiter.retryAfterMs(anybody)).toBe(0);
    bulkhead.limiter.tryTake(anybody);
    bulkhead.limiter.tryTake(anybody);
    expect(bulkhead.limiter.retryAfterMs(anybody)).toBe(500);
  });
});

describe('ProviderLimiter: whatever happens', () => {
  const step = fc.record({
    pauseMs: fc.oneof(fc.constant(0), fc.nat(3_000)),
    project: fc.constantFrom('a', 'b', 'c'),
    tokens: fc.integer({ min: 1, max: 3_000 }),
    limitMs: fc.integer({ min: 1, max: 20_000 }),
    /** Leaves the queue after this long. */
    leavesMs: fc.option(fc.nat(5_000)),
    holdMs: fc.nat(4_000),
    isCancelled: fc.boolean(),
  });

  it('no limit is passed in any minute, nothing leaks, and everybody is told', async () => {
    const steps = fc.array(step, { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(steps, async (given) => {
        const limits = { requestsPerMinute: 40, tokensPerMinute: 20_000, concurrency: 3 };
        const { clock, limiter } = setUp({ limits, queue: { size: 10 } });
        const sent: { at: number; tokens: number }[] = [];
        let told = 0;
        let mostInUse = 0;
        for (const { pauseMs, project, tokens, limitMs, leavesMs, holdMs, isCancelled } of given) {
          await clock.advance(pauseMs);
          const controller = new AbortController();
          if (leavesMs !== null) {
            clock.schedule(() => {
              controller.abort();
            }, leavesMs);
          }
          const demand = { prompt: tokens, answer: 0 };
          void limiter.wait({ project, demand, limitMs, signal: controller.signal }).then((slot) => {
            told += 1;
            if (!slot) return;
            mostInUse = Math.max(mostInUse, limiter.snapshot().inUse);
            if (isCancelled) {
              slot.cancel();
              return;
            }
            sent.push({ at: clock.monotonic(), tokens });
            clock.schedule(() => {
              slot.release(tokenUsage({ input: tokens }), 0);
            }, holdMs);
          });
        }
        await clock.advance(60_000);
        expect([told, clock.pendingTimers]).toEqual([given.length, 0]);
        expect(limiter.snapshot()).toMatchObject({ inUse: 0, queued: 0 });
        expect(mostInUse).toBeLessThanOrEqual(3);
        for (const { at } of sent) {
          const within = sent.filter((other) => other.at >= at && other.at < at + 60_000);
          expect(within.length).toBeLessThanOrEqual(40);
          expect(within.reduce((sum, { tokens }) => sum + tokens, 0)).toBeLessThanOrEqual(20_000);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('createLimiter', () => {
  it('makes none where nothing is limited', () => {
    const config = { limits: NO_LIMITS, queue: { size: 1, waitMs: 1 } };
    expect(createLimiter(config, new FakeClock(), () => 1)).toBeNull();
    const limited = { ...config, limits: { ...NO_LIMITS, concurrency: 1 } };
    expect(createLimiter(limited, new FakeClock(), () => 1)?.countsTokens).toBe(false);
  });
});
