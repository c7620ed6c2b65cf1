import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MinuteBucket } from './minute-bucket.js';

/** Takes every amount as early as the bucket lets it, each after its pause at the soonest; gives what went when. */
function takeAll(bucket: MinuteBucket, wanted: readonly { pauseMs: number; amount: number }[]) {
  let now = 0;
  return wanted.map(({ pauseMs, amount }) => {
    now += pauseMs;
    for (let waitMs = bucket.waitMs(amount, now); waitMs > 0; waitMs = bucket.waitMs(amount, now)) {
      now += Math.max(1, Math.ceil(waitMs));
    }
    bucket.spend(amount, now);
    return { at: now, amount };
  });
}

function mostInAMinute(taken: readonly { at: number; amount: number }[]): number {
  return taken.reduce((most, first) => {
    const within = taken.filter(({ at }) => at >= first.at && at < first.at + 60_000);
    return Math.max(
      most,
      within.reduce((sum, { amount }) => sum + amount, 0),
    );
  }, 0);
}

describe('MinuteBucket', () => {
  it('spaces requests evenly when they come all at once', () => {
    const bucket = new MinuteBucket(() => 60, 1_000, 0);
    const wanted = Array.from({ length: 5 }, () => ({ pauseMs: 0, amount: 1 }));
    expect(takeAll(bucket, wanted).map(({ at }) => at)).toEqual([0, 1_000, 2_000, 3_000, 4_000]);
  });

  it('lets a second of a larger limit go at once', () => {
    const bucket = new MinuteBucket(() => 600, 1_000, 0);
    const taken = takeAll(
      bucket,
      Array.from({ length: 30 }, () => ({ pauseMs: 0, amount: 1 })),
    );
    expect(taken.filter(({ at }) => at === 0)).toHaveLength(10);
    expect(taken.at(-1)?.at).toBeGreaterThan(1_900);
    expect(taken.at(-1)?.at).toBeLessThan(2_200);
  });

  it('gives nearly all of the limit when more is wanted', () => {
    const bucket = new MinuteBucket(() => 600, 1_000, 0);
    const taken = takeAll(
      bucket,
      Array.from({ length: 2_000 }, () => ({ pauseMs: 0, amount: 1 })),
    );
    expect(taken.filter(({ at }) => at < 180_000).length).toBeGreaterThan(0.97 * 1_800);
  });

  it('never gives more than the limit in any minute', () => {
    const wants = fc.array(
      fc.record({ pauseMs: fc.oneof(fc.constant(0), fc.nat(20_000)), amount: fc.integer({ min: 1, max: 400 }) }),
      { maxLength: 120 },
    );
    fc.assert(
      fc.property(
        wants,
        fc.integer({ min: 400, max: 5_000 }),
        fc.constantFrom(1_000, 3_000),
        (wanted, limit, burst) => {
          const taken = takeAll(new MinuteBucket(() => limit, burst, 0), wanted);
          expect(mostInAMinute(taken)).toBeLessThanOrEqual(limit);
        },
      ),
    );
  });

  it('never gives more requests than the limit in any minute', () => {
    const pauses = fc.array(fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.nat(90_000)), { maxLength: 300 });
    fc.assert(
      fc.property(pauses, fc.integer({ min: 1, max: 200 }), (wanted, limit) => {
        const bucket = new MinuteBucket(() => limit, 1_000, 0);
        const taken = takeAll(
          bucket,
          wanted.map((pauseMs) => ({ pauseMs, amount: 1 })),
        );
        expect(mostInAMinute(taken)).toBeLessThanOrEqual(limit);
      }),
    );
  });

  it('gives what is larger than a whole minute when nothing else was given, and then nothing for as long as it costs', () => {
    const bucket = new MinuteBucket(() => 1_000, 3_000, 0);
    expect(bucket.waitMs(5_000, 0)).toBe(0);
    bucket.spend(5_000, 0);
    expect(bucket.waitMs(1, 0)).toBeGreaterThan(280_000);
  });

  it('takes back what was not used, and charges what was used beyond', () => {
    const bucket = new MinuteBucket(() => 6_000, 3_000, 0);
    const spending = bucket.spend(3_000, 0);
    const paying = bucket.waitMs(100, 0);
    bucket.correct(spending, 300, 0);
    expect(bucket.waitMs(100, 0)).toBeLessThan(paying);
    bucket.correct(spending, 9_000, 0);
    expect(bucket.waitMs(100, 0)).toBeGreaterThan(paying);
    bucket.correct(spending, 0, 0);
    expect([bucket.waitMs(300, 0), bucket.waitMs(300, 200_000)]).toEqual([0, 0]);
  });

  it('a correction that comes after its minute does not give the past away twice', () => {
    const bucket = new MinuteBucket(() => 600, 1_000, 0);
    const spending = bucket.spend(300, 0);
    bucket.correct(spending, 0, 70_000);
    const taken = takeAll(
      bucket,
      Array.from({ length: 700 }, () => ({ pauseMs: 0, amount: 1 })),
    );
    expect(mostInAMinute(taken)).toBeLessThanOrEqual(600);
  });

  it('heeds a limit that changes', () => {
    let limit = 60;
    const bucket = new MinuteBucket(() => limit, 1_000, 0);
    bucket.spend(1, 0);
    expect(bucket.waitMs(1, 0)).toBe(1_000);
    limit = 20;
    expect(bucket.waitMs(1, 0)).toBe(3_000);
  });
});
