import { randomUUID } from 'node:crypto';
import type { Attempt } from '../../core/attempt.js';
import type { CallContext } from '../../core/call-context.js';
import { addUsage, tokenUsage, type TokenUsage } from '../../core/chat/token-usage.js';
import { AppError, ClientGoneError } from '../../core/errors/app-error.js';
import { ProviderError, type ProviderErrorKind } from '../../providers/provider-error.js';
import { toAppError } from '../../providers/to-app-error.js';
import type { AttemptRecord, LedgerRecord, RequestStatus } from '../ledger/ledger-record.js';
import { addMoney, NO_MONEY } from '../pricing/money.js';
import type { PriceBook } from '../pricing/price-book.js';
import type { Admission } from './admission.js';
import { billAttempt } from './bill-attempt.js';

interface Total {
  usage: TokenUsage;
  costUsd: string | null;
}

/** The books of one call: everything that was admitted in it and what its attempts cost. */
export class CallAccount {
  readonly #call: CallContext;
  readonly #prices: PriceBook;
  readonly #admissions: Admission[] = [];
  /** By the number of their attempt: a job makes thousands of them, and asks for the sum after each. */
  readonly #finalRecords = new Map<number, AttemptRecord>();

  constructor(call: CallContext, prices: PriceBook) {
    this.#call = call;
    this.#prices = prices;
  }

  admit(admission: Admission): void {
    this.#admissions.push(admission);
    this.#call.settled = false;
  }

  /** Brings the call's usage and cost up to date; they are final when nothing that was admitted is still open. */
  refresh(): void {
    const total = sum(this.#bill());
    this.#call.usage = total.usage;
    this.#call.costUsd = total.costUsd;
    this.#call.settled = this.#admissions.every((admission) => admission.state !== 'open');
  }

  /** The rows of the call, which is over: what is not settled by now was cut off. `nowMs` is wall-clock time. */
  close(nowMs: number): LedgerRecord {
    const attempts = this.#bill();
    const { usage, costUsd } = sum(attempts);
    const call = this.#call;
    Object.assign(call, { usage, costUsd, settled: true });
    const status = this.#status();
    return {
      id: randomUUID(),
      requestId: call.id,
      projectId: call.principal.projectId,
      keyId: call.principal.keyId,
      surface: call.surface,
      operation: this.#admissions.some(({ options }) => options.operation === 'chat') ? 'chat' : 'embeddings',
      ...this.#names(),
      status,
      errorCode: status === 'failed' ? this.#errorCode() : null,
      usage,
      costUsd,
      tags: [...call.tags],
      startedAt: new Date(call.receivedAt),
      durationMs: Math.max(0, Math.round(nowMs - call.receivedAt)),
      firstContentMs: call.firstContentMs === null ? null : Math.round(call.firstContentMs),
      attempts,
    };
  }

  #bill(): AttemptRecord[] {
    return this.#call.attempts.map((attempt, index) => this.#finalRecords.get(index) ?? this.#record(attempt, index));
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
      costUsd: billed ? this.#prices.costOf(attempt.provider, attempt.model, billed) : NO_MONEY,
      durationMs: attempt.durationMs ?? 0,
    };
    if (attempt.outcome !== null && admission?.state !== 'open') this.#finalRecords.set(index, record);
    return record;
  }

  // Attempts do not say which request of the call they served: the last one admitted before them that may go there.
  #admissionOf(attempt: Attempt, index: number): Admission | null {
    const earlier = this.#admissions.filter(({ options }) => options.firstAttempt <= index);
    const target = `${attempt.provider}/${attempt.model}`;
    return (
      earlier.findLast(({ options }) => options.targets.has(target)) ?? earlier.at(-1) ?? this.#admissions.at(0) ?? null
    );
  }

  #names(): Pick<LedgerRecord, 'requestedModel' | 'provider' | 'model'> {
    const requestedModel = this.#call.requestedModel ?? this.#admissions.at(-1)?.options.model ?? '';
    const { provider, model } = this.#call.answeredBy ?? this.#call.attempts.at(-1) ?? { provider: null, model: null };
    return { requestedModel, provider, model };
  }

  #status(): RequestStatus {
    const last = this.#admissions.at(-1);
    if (last?.state === 'failed' || last?.state === 'aborted') return last.state;
    // An answer that was there to its end is one, though nobody took the last of it.
    const attempt = this.#call.attempts.slice(last?.options.firstAttempt).at(-1);
    if (last?.state === 'completed' || attempt?.outcome === 'succeeded') return 'succeeded';
    return this.#call.signal.reason instanceof ClientGoneError ? 'aborted' : 'failed';
  }

  #errorCode(): string | null {
    const code = this.#admissions.at(-1)?.errorCode;
    if (code) return code;
    const reason: unknown = this.#call.signal.reason;
    if (reason instanceof AppError) return reason.code;
    const kind = this.#call.attempts.at(-1)?.errorKind;
    return kind ? toAppError(new ProviderError(kind as ProviderErrorKind, ''), 1).code : null;
  }
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
