import { Injectable } from '@nestjs/common';
import { BudgetsService } from '../../budgets/budgets.service.js';
import type { CallContext } from '../../core/call-context.js';
import { isAnyUsed } from '../../core/chat/token-usage.js';
import { Clock } from '../../core/clock.js';
import { Telemetry } from '../../core/telemetry/telemetry.js';
import { toAbortError } from '../../providers/to-app-error.js';
import type { AttemptRecord, LedgerOpening } from '../ledger/ledger-record.js';
import { LedgerWriter } from '../ledger/ledger-writer.service.js';
import { PriceBook } from '../pricing/price-book.js';
import { Admission } from './admission.js';
import type { Ask } from './ask.js';
import { CallAccount } from './call-account.js';
import { giveBack, type Grant } from './grant.js';
import { whenReady } from './when-ready.js';

/** A request that is in the books, and the account of its call. */
export interface Entry {
  readonly admission: Admission;
  readonly account: CallAccount;
}

/** The books of every call: opened before anything is sent, closed into the ledger when the call is over. */
@Injectable()
export class CallBooks {
  readonly #accounts = new WeakMap<CallContext, CallAccount>();

  constructor(
    private readonly prices: PriceBook,
    private readonly ledger: LedgerWriter,
    private readonly clock: Clock,
    private readonly telemetry: Telemetry,
    private readonly budgets: BudgetsService,
  ) {}

  /**
   * Enters a request that was let through. Throws `dependency_unavailable` while the ledger cannot promise to keep it, and
   * why the call was aborted when it is over; then the grant goes back.
   */
  enter(ask: Ask, grant: Grant, call: CallContext): Entry {
    const known = this.#accounts.get(call);
    const account = known ?? new CallAccount(call, this.prices);
    const admission = new Admission(ask, grant, call.attempts.length);
    try {
      if (account.isOver) throw toAbortError(call);
      account.admit(admission, this.#open);
    } catch (error) {
      giveBack(grant);
      throw error;
    }
    if (!known) {
      this.#accounts.set(call, account);
      call.defer(() => {
        this.#close(account);
      });
    }
    return { admission, account };
  }

  /** A further request of a call that is in the books was refused: that is how the call ends, unless another one follows. */
  noteRefusal(call: CallContext, error: unknown): void {
    this.#accounts.get(call)?.noteRefusal(error);
  }

  readonly #open = (opening: LedgerOpening): void => {
    this.ledger.open(opening);
  };

  #close(account: CallAccount): void {
    const closed = account.close(this.clock.now());
    try {
      const charges = account.charges();
      void whenReady(charges, (known) => {
        this.ledger.record({ ...closed, charges: known });
        if (known.length > 0) this.budgets.settled(known);
      });
    } finally {
      account.leave();
    }
    this.telemetry.callSettled({ operation: closed.operation, status: closed.status });
    for (const { provider, model, usage, costUsd } of closed.attempts.filter(isBilled)) {
      this.telemetry.usageSettled({ provider, model, usage, costUsd });
    }
  }
}

function isBilled({ usage }: AttemptRecord): boolean {
  return isAnyUsed(usage);
}
