import { MONEY_DIGITS, toMoney, toScaled } from '../core/money.js';
import type { BudgetTerms } from '../core/principal.js';
import type { Portion, Taking } from './lease-pools.js';

/** What is reserved of a budget's window for one request. */
export interface BudgetHold {
  readonly budgetId: string;
  /** When the window began: ISO 8601. */
  readonly periodStart: string;
  /** USD with ten places. */
  readonly reservedUsd: string;
}

/** Where reservations come from and go back to. */
export interface ReservationSource {
  /** `usd` more in each of the windows, or in none; throws or rejects when one has not enough. */
  extend(terms: readonly BudgetTerms[], portions: readonly Portion[], usd: bigint): Taking | Promise<Taking>;
  putBack(portions: readonly Portion[]): void;
}

/** Money that is set aside for one request until somebody settles it or releases it. */
export class BudgetReservation {
  readonly #source: ReservationSource;
  readonly #terms: readonly BudgetTerms[];
  #taking: Taking;
  #isReleased = false;

  constructor(source: ReservationSource, terms: readonly BudgetTerms[], taking: Taking) {
    this.#source = source;
    this.#terms = terms;
    this.#taking = taking;
  }

  get holds(): readonly BudgetHold[] {
    return this.#taking.portions.map(({ budgetId, periodStart, usd }) => ({
      budgetId,
      periodStart,
      reservedUsd: toMoney(usd, MONEY_DIGITS),
    }));
  }

  get remainingUsd(): string | null {
    const { left, portions } = this.#taking;
    if (portions.length === 0) return null;
    return toMoney(left > 0n ? left : 0n, MONEY_DIGITS);
  }

  get percentSpent(): number {
    return this.#taking.percentSpent;
  }

  extend(amountUsd: string): void | Promise<void> {
    const more = this.#source.extend(this.#terms, this.#taking.portions, toScaled(amountUsd, MONEY_DIGITS));
    if (more instanceof Promise) return more.then(this.#add);
    this.#add(more);
  }

  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#source.putBack(this.#taking.portions);
  }

  readonly #add = (more: Taking): void => {
    if (this.#isReleased) {
      this.#source.putBack(more.portions);
      return;
    }
    const added = new Map(more.portions.map(({ budgetId, usd }) => [budgetId, usd]));
    this.#taking = {
      ...more,
      portions: this.#taking.portions.map((portion) => ({
        ...portion,
        usd: portion.usd + (added.get(portion.budgetId) ?? 0n),
      })),
    };
  };
}
