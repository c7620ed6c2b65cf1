import { randomUUID } from 'node:crypto';
import type { Attempt } from '../../core/attempt.js';
import type { CallContext, Operation } from '../../core/call-context.js';
import {
  addUsage,
  tokenUsage,
  totalInputTokens,
  totalOutputTokens,
  type TokenUsage,
} from '../../core/chat/token-usage.js';
import { AppError } from '../../core/errors/app-error.js';
import { addMoney, NO_MONEY } from '../../core/money.js';
import type { AttemptRecord, BudgetCharge, LedgerHold, LedgerOpening, LedgerRecord } from '../ledger/ledger-record.js';
import type { PriceBook } from '../pricing/price-book.js';
import { addHolds } from './add-holds.js';
import type { Admission } from './admission.js';
import { markAsides, timesOf } from './attempt-times.js';
import { billAttempt } from './bill-attempt.js';
import { chargeBudgets } from './charge-budgets.js';
import { extensionOf } from './extension-of.js';
import { JoinedAsk } from './joined-ask.js';
import { errorCodeOf, statusOf } from './outcome-of.js';
import { TicketBook } from './ticket-book.js';

const NO_HOLDS: readonly LedgerHold[] = [];

interface Served {
  admission: Admission;
  attempts: AttemptRecord[];
}

interface Total {
  usage: TokenUsage;
  costUsd: string | null;
}

/** The books of one call: everything that was admitted in it and what its attempts cost. */
export class CallAccount {
  /** The ledger's key of the call. */
  readonly id = randomUUID();
  readonly #call: CallContext;
  readonly #prices: PriceBook;
  readonly #admissions: Admission[] = [];
  /** By the number of their attempt: a job makes thousands of them, and asks for the sum after each. */
  readonly #finalRecords = new Map<number, AttemptRecord>();
  #tickets: TicketBook | null = null;
  /** All that is or was reserved. */
  #holds = NO_HOLDS;
  #estimatedInputTokens = 0;
  #refusal: string | null = null;
  #extending: Promise<void> | null = null;
  #isOver = false;

  constructor(call: CallContext, prices: PriceBook) {
    this.#call = call;
    this.#prices = prices;
  }

  /** True once the call has its rows: what is admitted now would be in no book. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Takes a request in; `open` writes down that it is about to go out, and what it throws leaves the books as they were. */
  admit(admission: Admission, open: (opening: LedgerOpening) => void): void {
    const { ask, grant } = admission;
    this.#open(admission, grant.reservation?.holds ?? NO_HOLDS, ask.roughPromptTokens(), open);
    this.#admissions.push(admission);
    this.#refusal = null;
    this.#call.settled = false;
    this.#call.books = this;
    if (grant.ticket) {
      this.#tickets ??= new TicketBook();
      this.#tickets.add(admission, grant.ticket);
    }
    if (grant.reservation) this.#call.beforeRetry = () => this.#extend(open);
  }

  usageOf(isCounted: (attempt: number) => boolean): TokenUsage {
    return sum(this.#bill().filter(({ n }) => isCounted(n - 1))).usage;
  }

  /** The last request of the call was not let through. */
  noteRefusal(error: unknown): void {
    this.#refusal = error instanceof AppError ? error.code : null;
  }

  /** Brings the call's usage and cost up to date; they are final when nothing that was admitted is still open. */
  refresh(): void {
    const records = this.#bill();
    const total = sum(records);
    this.#call.usage = total.usage;
    this.#call.costUsd = total.costUsd;
    this.#call.settled = this.#admissions.every((admission) => admission.state !== 'open');
    this.#tickets?.settle((admission) => this.#tokensOf(admission, records), false);
  }

  /** The rows of the call, which is over: what is not settled by now was cut off. `nowMs` is wall-clock time. */
  close(nowMs: number): Omit<LedgerRecord, 'charges'> {
    this.#isOver = true;
    const attempts = this.#bill();
    const { usage, costUsd } = sum(attempts);
    const call = this.#call;
    Object.assign(call, { usage, costUsd, settled: true });
    const last = this.#admissions.at(-1);
    const status = this.#refusal === null ? statusOf(call, last) : 'failed';
    return {
      id: this.id,
      requestId: call.id,
      projectId: call.principal.projectId,
      keyId: call.principal.keyId,
      surface: call.surface,
      operation: this.#operation(),
      ...this.#names(),
      status,
      errorCode: status === 'failed' ? (this.#refusal ?? errorCodeOf(call, last)) : null,
      usage,
      costUsd,
      savedUsd: call.savedUsd,
      tags: [...call.tags],
      startedAt: new Date(call.receivedAt),
      durationMs: Math.max(0, Math.round(nowMs - call.receivedAt)),
      firstContentMs: call.firstContentMs === null ? null : Math.round(call.firstContentMs),
      attempts: markAsides(attempts, call),
    };
  }

  /** What the call, which is over, took from budgets; waits only for a reservation that is just being extended. */
  charges(): readonly BudgetCharge[] | Promise<readonly BudgetCharge[]> {
    if (this.#holds.length === 0) return [];
    const charge = (): BudgetCharge[] => chargeBudgets(this.#servedByAll());
    return this.#extending ? this.#extending.then(charge, charge) : charge();
  }

  /** The call is over: its limits let others in. */
  leave(): void {
    if (!this.#tickets) return;
    const records = this.#bill();
    this.#tickets.settle((admission) => this.#tokensOf(admission, records), true);
    this.#tickets.leave();
  }

  #open(
    { ask }: Admission,
    holds: readonly LedgerHold[],
    inputTokens: number,
    open: (opening: LedgerOpening) => void,
  ): void {
    const { id: requestId, principal, surface, receivedAt, tags } = this.#call;
    const { projectId, keyId } = principal;
    const { provider, model } = ask.candidates[0] ?? { provider: '', model: '' };
    const sums = addHolds(this.#holds, holds);
    open({
      id: this.id,
      requestId,
      projectId,
      keyId,
      surface,
      operation: ask.operation,
      requestedModel: this.#call.requestedModel ?? ask.model,
      startedAt: new Date(receivedAt),
      tags,
      provider,
      model,
      estimatedInputTokens: this.#estimatedInputTokens + inputTokens,
      holds: sums,
    });
    this.#estimatedInputTokens += inputTokens;
    this.#holds = sums;
  }

  /** Before another attempt: what the failed ones cost comes on top of what the next may cost. */
  #extend(open: (opening: LedgerOpening) => void): Promise<void> {
    const done = (): void => {
      if (this.#extending === extending) this.#extending = null;
    };
    const extending = (this.#extending ?? Promise.resolve())
      .catch(() => undefined)
      .then(() => this.#extendAll(open))
      .finally(done);
    this.#extending = extending;
    return extending;
  }

  async #extendAll(open: (opening: LedgerOpening) => void): Promise<void> {
    for (const admission of this.#admissions) {
      const { reservation } = admission.grant;
      if (!reservation || admission.state !== 'open' || this.#isOver) continue;
      const costs = this.#servedBy(admission, this.#billAsSent()).map(({ costUsd }) => costUsd);
      const amountUsd = extensionOf(admission, costs);
      if (amountUsd === null) continue;
      await reservation.extend(amountUsd);
      admission.extendedUsd = addMoney(admission.extendedUsd, amountUsd);
      const added = reservation.holds.map((hold) => ({ ...hold, reservedUsd: amountUsd }));
      this.#open(admission, added, admission.ask.roughPromptTokens(), open);
    }
  }

  #bill(): AttemptRecord[] {
    return this.#call.attempts.map((attempt, index) => this.#finalRecords.get(index) ?? this.#record(attempt, index));
  }

  // What has no connection yet may still get one, and cost its prompt.
  #billAsSent(): AttemptRecord[] {
    return this.#call.attempts.map(
      (attempt, index) =>
        this.#finalRecords.get(index) ??
        this.#record(attempt.outcome === null ? { ...attempt, wasSent: true } : attempt, index),
    );
  }

  #record(attempt: Attempt, index: number): AttemptRecord {
    const admission = this.#admissionOf(attempt, index);
    const billed = admission && billAttempt(attempt, admission);
    const record = {
      n: index + 1,
      provider: attempt.provider,
      model: attempt.model,
      credential: attempt.credential,
      outcome: attempt.outcome ?? 'aborted',
      errorKind: attempt.errorKind,
      usage: billed ?? tokenUsage(),
      costUsd: billed ? this.#costOf(attempt, billed, admission) : NO_MONEY,
      ...timesOf(attempt, this.#call),
    };
    if (attempt.outcome !== null && admission?.state !== 'open') this.#finalRecords.set(index, record);
    return record;
  }

  #costOf({ provider, model }: Attempt, usage: TokenUsage, { ask }: Admission): string | null {
    return this.#prices.costOf(provider, model, usage, {
      serviceTier: ask.serviceTierAt(provider),
      imageVariant: ask.imageVariant,
    });
  }

  // Attempts do not say which request of the call they served: the last one admitted before them that may go there.
  #admissionOf(attempt: Pick<Attempt, 'provider' | 'model'>, index: number): Admission | null {
    const [only] = this.#admissions;
    if (this.#admissions.length <= 1) return only ?? null;
    const mayServe = goesTo(attempt);
    const best = this.#admissions.findLast(
      ({ firstAttempt, ask }) => firstAttempt <= index && ask.candidates.some(mayServe),
    );
    return best ?? this.#admissions.findLast(({ firstAttempt }) => firstAttempt <= index) ?? only ?? null;
  }

  #servedBy(admission: Admission, records: readonly AttemptRecord[]): AttemptRecord[] {
    const later = records.slice(admission.firstAttempt);
    return later.filter((record) => this.#admissionOf(record, record.n - 1) === admission);
  }

  #servedByAll(): Served[] {
    const served = new Map(
      this.#admissions.map((admission): [Admission, Served] => [admission, { admission, attempts: [] }]),
    );
    for (const record of this.#bill()) {
      const admission = this.#admissionOf(record, record.n - 1);
      if (admission) served.get(admission)?.attempts.push(record);
    }
    return [...served.values()];
  }

  #tokensOf(admission: Admission, records: readonly AttemptRecord[]): number | null {
    const attempts = this.#servedBy(admission, records);
    // Who reads along sends nothing, and has asked all the same.
    if (attempts.length === 0) return admission.ask instanceof JoinedAsk ? 0 : null;
    return attempts.reduce((tokens, { usage }) => tokens + totalInputTokens(usage) + totalOutputTokens(usage), 0);
  }

  // What the others were on the way to.
  #operation(): Operation {
    const asked = this.#admissions.map(({ ask }) => ask.operation);
    return (['chat', 'embeddings'] as const).find((operation) => asked.includes(operation)) ?? asked[0] ?? 'chat';
  }

  #names(): Pick<LedgerRecord, 'requestedModel' | 'provider' | 'model'> {
    const requestedModel = this.#call.requestedModel ?? this.#admissions.at(-1)?.ask.model ?? '';
    const { provider, model } = this.#call.answeredBy ?? this.#call.attempts.at(-1) ?? { provider: null, model: null };
    return { requestedModel, provider, model };
  }
}

function goesTo(
  attempt: Pick<Attempt, 'provider' | 'model'>,
): (candidate: { provider: string; model: string }) => boolean {
  return ({ provider, model }) => provider === attempt.provider && model === attempt.model;
}

function sum(attempts: readonly AttemptRecord[]): Total {
  return attempts.reduce<Total>(
    (total, { usage, costUsd }) => ({
      usage: addUsage(total.usage, usage),
      costUsd: total.costUsd === null || costUsd === null ? null : addMoney(total.costUsd, costUsd),
    }),
    { usage: tokenUsage(), costUsd: NO_MONEY },
  );
}
