import { Injectable } from '@nestjs/common';
import type { BudgetStatus } from '../core/budget-status.js';
import { matchesModel } from '../core/model-patterns.js';
import type { BudgetTerms, Principal } from '../core/principal.js';
import type { BudgetHold } from './budget-reservation.js';
import { BudgetWatch, type SettledCharge } from './budget-watch.service.js';
import { Reserver } from './reserver.service.js';

/** What is reserved for one request in every budget that applies to it. */
export interface Reservation extends BudgetStatus {
  /** One for each budget; what `extend` adds is held in the window where the reservation began. */
  readonly holds: readonly BudgetHold[];
  /** Reserves more, everywhere or nowhere. Throws or rejects like `reserve`. */
  extend(amountUsd: string): void | Promise<void>;
  /** Nothing was dispatched: everything goes back, and what `extend` still waits for as well. */
  release(): void;
}

/** Money set aside before it is spent, so that what was let in never costs more than its budgets allow. */
@Injectable()
export class BudgetsService {
  constructor(
    private readonly reserver: Reserver,
    private readonly watch: BudgetWatch,
  ) {}

  /**
   * The principal's budgets that count a request which may be sent under any of `names`: the model as it was asked for, and
   * every candidate as `provider/model`.
   */
  applicable({ budgets }: Principal, names: ReadonlySet<string>): readonly BudgetTerms[] {
    return budgets.filter(({ model }) => model === null || matchesModel([model], names));
  }

  /**
   * Reserves `amountUsd` in all of the budgets or in none, at once where a lease covers it. Throws or rejects with
   * `insufficient_quota` for a budget that has less left, with `dependency_unavailable` while the database is away.
   */
  reserve(terms: readonly BudgetTerms[], amountUsd: string): Reservation | Promise<Reservation> {
    return this.reserver.reserve(terms, amountUsd);
  }

  /**
   * Reserves `amountUsd` as `reserve` does, but only where every budget is known to have a thousand times as much left, so that
   * it takes the money from nobody; null where it is not. Rejects with `dependency_unavailable` while the database is away.
   */
  reserveFromPlenty(
    terms: readonly BudgetTerms[],
    amountUsd: string,
  ): Reservation | null | Promise<Reservation | null> {
    return this.reserver.reserveFromPlenty(terms, amountUsd);
  }

  /** One request was handed to the ledger with these charges; for thresholds and alarms. Never fails and never blocks. */
  settled(charges: readonly SettledCharge[]): void {
    this.watch.settled(charges);
  }
}
