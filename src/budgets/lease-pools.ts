import { percentReached } from './thresholds.js';

/** An amount of a budget's window. Money is a number of 10^-10 USD throughout this folder's arithmetic. */
export interface Portion {
  readonly budgetId: string;
  /** ISO 8601. */
  readonly periodStart: string;
  readonly usd: bigint;
}

/** How a budget stood when the database was last asked. */
export interface Standing {
  readonly amount: bigint;
  readonly spent: bigint;
  /** Neither spent nor reserved by anyone; may be negative. */
  readonly left: bigint;
}

/** A slice of a budget that this process may spend without asking. */
export interface Lease extends Portion {
  /** On the monotonic clock. */
  readonly usableUntil: number;
  readonly standing: Standing;
}

interface Slice {
  readonly periodStart: string;
  readonly usableUntil: number;
  readonly standing: Standing;
  free: bigint;
  used: bigint;
}

/** What was taken, and how the tightest of its budgets stands. */
export interface Taking {
  readonly portions: Portion[];
  readonly left: bigint;
  readonly percentSpent: number;
}

/**
 * What this process holds of budgets beyond its open reservations: leases, and what is to be given back. Nothing gets lost in
 * here and nothing appears: what came in by a lease or a reservation goes out by `take` or `collect`.
 */
export class LeasePools {
  readonly #slices = new Map<string, Slice>();
  readonly #returns = new Map<string, Portion>();

  /** Whether something waits to be given back, apart from leases. */
  get hasReturns(): boolean {
    return this.#returns.size > 0;
  }

  /** When the next lease ends, on the monotonic clock; Infinity without any. */
  get nextEnd(): number {
    let next = Infinity;
    for (const { usableUntil } of this.#slices.values()) next = Math.min(next, usableUntil);
    return next;
  }

  /** `usd` from a lease of each of the budgets (in the window named, where one is), or null and nothing at all. */
  take(accounts: readonly { budgetId: string; periodStart: string | null }[], usd: bigint, now: number): Taking | null {
    const slices: Slice[] = [];
    for (const { budgetId, periodStart } of accounts) {
      const slice = this.#slices.get(budgetId);
      if (!slice || slice.usableUntil <= now || slice.free < usd) return null;
      if (periodStart !== null && periodStart !== slice.periodStart) return null;
      slices.push(slice);
    }
    for (const slice of slices) {
      slice.free -= usd;
      slice.used += usd;
    }
    return {
      portions: accounts.map(({ budgetId }, index) => ({
        budgetId,
        periodStart: slices[index]?.periodStart ?? '',
        usd,
      })),
      ...tightest(slices.map(({ standing, free }) => ({ ...standing, left: standing.left + free }))),
    };
  }

  /** A new lease; what an earlier one of the budget had left is to be given back. */
  lease({ budgetId, periodStart, usd, usableUntil, standing }: Lease): void {
    const earlier = this.#slices.get(budgetId);
    if (earlier) this.#close(budgetId, earlier);
    this.#slices.set(budgetId, { periodStart, usableUntil, standing, free: usd, used: 0n });
  }

  /** Takes back what nobody needs: into the lease of that window if one still runs, else to be given back. */
  putBack({ budgetId, periodStart, usd }: Portion, now: number): void {
    const slice = this.#slices.get(budgetId);
    if (slice?.periodStart === periodStart && slice.usableUntil > now) slice.free += usd;
    else this.addReturn({ budgetId, periodStart, usd });
  }

  /** To be given back at the next opportunity. */
  addReturn(portion: Portion): void {
    if (portion.usd > 0n) this.#keep(portion);
  }

  /**
   * Takes out all that is to be given back: what waits for it, and the leases that are over or belong to `budgetIds`. Tells how
   * much was used of the latter. An exchange that gives back a lease makes room for the next one.
   */
  collect(budgetIds: Iterable<string>, now: number): { returns: Portion[]; used: Map<string, bigint> } {
    const used = new Map<string, bigint>();
    for (const budgetId of budgetIds) {
      const slice = this.#slices.get(budgetId);
      if (!slice) continue;
      used.set(budgetId, slice.used);
      this.#close(budgetId, slice);
    }
    for (const [budgetId, slice] of this.#slices) if (slice.usableUntil <= now) this.#close(budgetId, slice);
    const returns = [...this.#returns.values()];
    this.#returns.clear();
    return { returns, used };
  }

  /** Takes out everything. */
  collectAll(): Portion[] {
    return this.collect([...this.#slices.keys()], Infinity).returns;
  }

  // Of an empty one nothing is given back, which says all the same that nobody need wait for its end.
  #close(budgetId: string, { periodStart, free }: Slice): void {
    this.#slices.delete(budgetId);
    this.#keep({ budgetId, periodStart, usd: free });
  }

  #keep({ budgetId, periodStart, usd }: Portion): void {
    const key = `${budgetId} ${periodStart}`;
    this.#returns.set(key, { budgetId, periodStart, usd: (this.#returns.get(key)?.usd ?? 0n) + usd });
  }
}

/** The least that is left of any of the budgets, and the highest threshold that any of them has reached. */
export function tightest(standings: readonly Standing[]): { left: bigint; percentSpent: number } {
  let left: bigint | null = null;
  let percentSpent = 0;
  for (const standing of standings) {
    if (left === null || standing.left < left) left = standing.left;
    percentSpent = Math.max(percentSpent, percentReached(standing.spent, standing.amount));
  }
  return { left: left ?? 0n, percentSpent };
}
