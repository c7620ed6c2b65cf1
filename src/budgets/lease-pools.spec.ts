import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LeasePools, type Portion, type Standing, tightest } from './lease-pools.js';

const JANUARY = '2026-01-01T00:00:00.000Z';
const FEBRUARY = '2026-02-01T00:00:00.000Z';
const standing: Standing = { amount: 1_000n, spent: 100n, left: 500n };

const account = (
  budgetId: string,
  periodStart: string | null = null,
): { budgetId: string; periodStart: string | null } => ({
  budgetId,
  periodStart,
});
const lease = (
  budgetId: string,
  usd: bigint,
  usableUntil = 1_000,
  periodStart = JANUARY,
): Parameters<LeasePools['lease']>[0] => ({
  budgetId,
  periodStart,
  usd,
  usableUntil,
  standing,
});

describe('LeasePools', () => {
  it('takes from all leases or from none', () => {
    const pools = new LeasePools();
    pools.lease(lease('a', 10n));
    pools.lease(lease('b', 5n));
    expect(pools.take([account('a'), account('b')], 6n, 0)).toBeNull();
    expect(pools.take([account('a'), account('c')], 1n, 0)).toBeNull();
    expect(pools.take([account('a'), account('b')], 5n, 0)).toEqual({
      portions: [
        { budgetId: 'a', periodStart: JANUARY, usd: 5n },
        { budgetId: 'b', periodStart: JANUARY, usd: 5n },
      ],
      left: 500n,
      percentSpent: 0,
    });
    expect(pools.take([account('a')], 5n, 0)).not.toBeNull();
    expect(pools.take([account('a')], 1n, 0)).toBeNull();
  });

  it('takes nothing from a lease that is over, nor from one of another window', () => {
    const pools = new LeasePools();
    pools.lease(lease('a', 10n));
    expect(pools.take([account('a', FEBRUARY)], 1n, 0)).toBeNull();
    expect(pools.take([account('a', JANUARY)], 1n, 999)).not.toBeNull();
    expect(pools.take([account('a')], 1n, 1_000)).toBeNull();
    expect(pools.collect([], 999).returns).toEqual([]);
    expect(pools.collect([], 1_000).returns).toEqual([{ budgetId: 'a', periodStart: JANUARY, usd: 9n }]);
    expect(pools.nextEnd).toBe(Infinity);
  });

  it('puts back into the lease that runs, else among what is to be given back', () => {
    const pools = new LeasePools();
    pools.lease(lease('a', 10n));
    pools.putBack({ budgetId: 'a', periodStart: JANUARY, usd: 2n }, 0);
    expect(pools.hasReturns).toBe(false);
    pools.putBack({ budgetId: 'a', periodStart: FEBRUARY, usd: 3n }, 0);
    pools.putBack({ budgetId: 'a', periodStart: FEBRUARY, usd: 1n }, 0);
    expect(pools.hasReturns).toBe(true);
    expect(pools.take([account('a')], 12n, 0)).not.toBeNull();
    expect(pools.collect([], 0).returns).toEqual([{ budgetId: 'a', periodStart: FEBRUARY, usd: 4n }]);
  });

  it('gives back a lease that runs when its budget is exchanged, even when nothing is left of it', () => {
    const pools = new LeasePools();
    pools.lease(lease('a', 10n));
    pools.lease(lease('b', 10n));
    pools.take([account('a')], 10n, 0);
    expect(pools.collect(['a'], 0)).toEqual({
      returns: [{ budgetId: 'a', periodStart: JANUARY, usd: 0n }],
      used: new Map([['a', 10n]]),
    });
    expect(pools.nextEnd).toBe(1_000);
  });

  it('neither loses nor makes money, whatever happens in which order', () => {
    const budgetId = fc.constantFrom('a', 'b', 'c');
    const periodStart = fc.constantFrom(JANUARY, FEBRUARY);
    const usd = fc.bigInt({ min: 0n, max: 10n ** 12n });
    const action = fc.oneof(
      fc.record({ kind: fc.constant('lease' as const), budgetId, periodStart, usd, forMs: fc.nat(50) }),
      fc.record({ kind: fc.constant('take' as const), ids: fc.uniqueArray(budgetId, { minLength: 1 }), usd }),
      fc.record({ kind: fc.constant('putBack' as const), which: fc.nat() }),
      fc.record({ kind: fc.constant('collect' as const), ids: fc.uniqueArray(budgetId) }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 80 }), (actions) => {
        const pools = new LeasePools();
        const inside = new Ledger();
        const out: Portion[] = [];
        for (const [now, step] of actions.entries()) {
          if (step.kind === 'lease') {
            inside.add(step, 1n);
            pools.lease({ ...step, usableUntil: now + step.forMs, standing });
          } else if (step.kind === 'take') {
            const portions =
              pools.take(
                step.ids.map((id) => account(id)),
                step.usd,
                now,
              )?.portions ?? [];
            for (const portion of portions) inside.add(portion, -1n);
            out.push(...portions);
          } else if (step.kind === 'putBack') {
            for (const portion of out.splice(step.which % (out.length + 1), 1)) {
              inside.add(portion, 1n);
              pools.putBack(portion, now);
            }
          } else for (const portion of pools.collect(step.ids, now).returns) inside.add(portion, -1n);
          expect(inside.isOverdrawn).toBe(false);
        }
        for (const portion of pools.collectAll()) inside.add(portion, -1n);
        expect(inside.isEmpty).toBe(true);
        expect(pools.hasReturns).toBe(false);
      }),
    );
  });
});

/** Sums by window. */
class Ledger {
  readonly #sums = new Map<string, bigint>();

  get isEmpty(): boolean {
    return [...this.#sums.values()].every((sum) => sum === 0n);
  }

  get isOverdrawn(): boolean {
    return [...this.#sums.values()].some((sum) => sum < 0n);
  }

  add({ budgetId, periodStart, usd }: Portion, sign: bigint): void {
    const key = `${budgetId} ${periodStart}`;
    this.#sums.set(key, (this.#sums.get(key) ?? 0n) + sign * usd);
  }
}

describe('tightest', () => {
  it('finds the least that is left and the highest threshold', () => {
    expect(tightest([])).toEqual({ left: 0n, percentSpent: 0 });
    const one = { amount: 1_000n, spent: 499n, left: 20n };
    expect(tightest([one, { amount: 100n, spent: 80n, left: 30n }])).toEqual({ left: 20n, percentSpent: 80 });
    expect(
      tightest([
        { amount: 0n, spent: 0n, left: 0n },
        { ...one, spent: 500n },
      ]),
    ).toEqual({ left: 0n, percentSpent: 50 });
    expect(tightest([{ amount: 10n, spent: 12n, left: -2n }])).toEqual({ left: -2n, percentSpent: 100 });
  });
});
