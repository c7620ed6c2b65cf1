import { Injectable } from '@nestjs/common';
import { BudgetsService } from '../../budgets/budgets.service.js';
import type { CallContext } from '../../core/call-context.js';
import type { BudgetTerms } from '../../core/principal.js';
import type { LimitTicket } from '../../limits/limit-ticket.js';
import { LimitsService } from '../../limits/limits.service.js';
import { toAbortError } from '../../providers/to-app-error.js';
import type { Ask } from './ask.js';
import { type Candidate, nameOf } from './candidates.js';
import { FREE_PASS, giveBack, type Grant } from './grant.js';
import { whenReady } from './when-ready.js';

type Money = Pick<Grant, 'boundUsd' | 'reservation'>;

const NO_TERMS: readonly BudgetTerms[] = [];

/** Limits and budgets, in this order; what the second refuses the first gets back. */
@Injectable()
export class AdmissionGate {
  constructor(
    private readonly limits: LimitsService,
    private readonly budgets: BudgetsService,
  ) {}

  /** The budgets that a request for the model is charged to. */
  termsOf(call: CallContext, model: string, candidates: readonly Candidate[]): readonly BudgetTerms[] {
    const { principal } = call;
    if (principal.budgets.length === 0) return NO_TERMS;
    return this.budgets.applicable(principal, new Set([model, ...candidates.map(nameOf)]));
  }

  /**
   * Lets a request in, at once where nobody has to be asked. Throws or rejects with `rate_limit_exceeded`,
   * `concurrency_limit` or `insufficient_quota`, and with why the call was aborted if it was; then nothing is taken.
   */
  enter(call: CallContext, ask: Ask): Grant | Promise<Grant> {
    return whenReady(
      this.limits.enter(call, () => ask.tokens()),
      (ticket) => {
        if (ask.terms.length > 0) return this.#reserve(call, ask, ticket);
        return ticket ? stillWanted(call, { ...FREE_PASS, ticket }) : FREE_PASS;
      },
    );
  }

  #reserve(call: CallContext, ask: Ask, ticket: LimitTicket | null): Grant | Promise<Grant> {
    const cancel = (error: unknown): never => {
      ticket?.cancel();
      throw error;
    };
    let money: Money | Promise<Money>;
    try {
      money = this.#reserveMoney(ask);
    } catch (error) {
      return cancel(error);
    }
    if (!(money instanceof Promise)) return stillWanted(call, { ticket, ...money });
    return money.then((made) => stillWanted(call, { ticket, ...made }), cancel);
  }

  // Counting a prompt costs more than all the rest of the gate, and matters only where money is short.
  #reserveMoney(ask: Ask): Money | Promise<Money> {
    const ampleUsd = ask.ampleBoundUsd();
    return whenReady(this.budgets.reserveFromPlenty(ask.terms, ampleUsd), (reservation) => {
      if (reservation) return { boundUsd: ampleUsd, reservation };
      const boundUsd = ask.boundUsd();
      return whenReady(this.budgets.reserve(ask.terms, boundUsd), (made) => ({ boundUsd, reservation: made }));
    });
  }
}

// Who waited for a database may have been left meanwhile; the end of the call has passed and would give nothing back.
function stillWanted(call: CallContext, grant: Grant): Grant {
  if (!call.signal.aborted) {
    call.budget = grant.reservation ?? call.budget;
    return grant;
  }
  giveBack(grant);
  throw toAbortError(call);
}
