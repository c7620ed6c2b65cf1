import { Injectable } from '@nestjs/common';
import type { CallContext } from '../core/call-context.js';
import type { ChatEvent } from '../core/chat/chat-event.js';
import type { ChatRequest } from '../core/chat/chat-request.js';
import { tokenUsage, totalInputTokens, totalOutputTokens } from '../core/chat/token-usage.js';
import { Clock } from '../core/clock.js';
import type { EmbeddingRequest, EmbeddingResult } from '../core/embedding/embedding-request.js';
import { AppError } from '../core/errors/app-error.js';
import { Telemetry } from '../core/telemetry/telemetry.js';
import { ProviderRegistry } from '../providers/provider-registry.js';
import { countChatTokens, countEmbeddingTokens } from '../tokens/count-tokens.js';
import { LedgerWriter } from './ledger/ledger-writer.service.js';
import type { AttemptRecord, Operation } from './ledger/ledger-record.js';
import { Admission } from './metering/admission.js';
import { isPlausibleUsage } from './metering/bill-attempt.js';
import { CallAccount } from './metering/call-account.js';
import { MeteredEvents } from './metering/metered-events.js';
import { PriceBook } from './pricing/price-book.js';

/** The leave to send one chat request. */
export interface ChatMeter {
  /**
   * Passes the events on. When the provider reported no usage, one `usage` event of our own counting ends them. The call's
   * usage and cost are up to date when the events are over, however they ended.
   */
  meter(events: AsyncIterable<ChatEvent>): AsyncIterableIterator<ChatEvent, undefined>;
  /** Notes why no events came, for the ledger; the ledger guesses from the attempts when nobody says. */
  fail(error: unknown): void;
}

/** The leave to send one embedding request. */
export interface EmbeddingMeter {
  meter(result: EmbeddingResult): EmbeddingResult;
  fail(error: unknown): void;
}

/** The one gate to the providers: what passes is billed, once, when its call is over, however that ended. */
@Injectable()
export class UsageMeter {
  readonly #accounts = new WeakMap<CallContext, CallAccount>();

  constructor(
    private readonly registry: ProviderRegistry,
    private readonly prices: PriceBook,
    private readonly ledger: LedgerWriter,
    private readonly clock: Clock,
    private readonly telemetry: Telemetry,
  ) {}

  /** Rejects with `model_not_found`, or with `model_not_priced` where such models are refused; then nothing is billed. */
  admitChat(request: ChatRequest, call: CallContext): Promise<ChatMeter> {
    return rejecting(() => {
      const { admission, account } = this.#admit('chat', request.model, call, () => countChatTokens(request));
      const refresh = (): void => {
        account.refresh();
      };
      return {
        meter: (events) => new MeteredEvents(events, admission, refresh),
        fail: (error) => {
          admission.fail(error);
          refresh();
        },
      };
    });
  }

  /** As `admitChat`. */
  admitEmbeddings(request: EmbeddingRequest, call: CallContext): Promise<EmbeddingMeter> {
    return rejecting(() => {
      const { admission, account } = this.#admit('embeddings', request.model, call, () =>
        countEmbeddingTokens(request),
      );
      return {
        meter: (result) => {
          admission.complete();
          account.refresh();
          return isPlausibleUsage(result.usage) ? result : withCountedUsage(result, admission.promptTokens());
        },
        fail: (error) => {
          admission.fail(error);
          account.refresh();
        },
      };
    });
  }

  #admit(
    operation: Operation,
    model: string,
    call: CallContext,
    countPrompt: () => number,
  ): { admission: Admission; account: CallAccount } {
    const { targets } = this.registry.resolve(model);
    const unpriced = targets.find((target) => !this.prices.isPriced(target.provider, target.model));
    if (unpriced && this.prices.refusesUnpriced) {
      throw new AppError(
        'model_not_priced',
        `"${model}" may be answered by a model without a known price. Name another model, or have its price configured.`,
        { param: 'model' },
      );
    }
    const admission = new Admission({
      operation,
      model,
      targets: new Set(targets.map((target) => `${target.provider}/${target.model}`)),
      firstAttempt: call.attempts.length,
      countPrompt,
    });
    const account = this.#accountOf(call);
    account.admit(admission);
    return { admission, account };
  }

  #accountOf(call: CallContext): CallAccount {
    const known = this.#accounts.get(call);
    if (known) return known;
    const account = new CallAccount(call, this.prices);
    this.#accounts.set(call, account);
    call.defer(() => {
      this.#settle(account);
    });
    return account;
  }

  #settle(account: CallAccount): void {
    const record = account.close(this.clock.now());
    this.ledger.record(record);
    for (const { provider, model, usage, costUsd } of record.attempts.filter(isBilled)) {
      this.telemetry.usageSettled({ provider, model, usage, costUsd });
    }
  }
}

// A promise for what will have to ask the database one day; what `admit` throws rejects it.
function rejecting<T>(admit: () => T): Promise<T> {
  return new Promise((resolve) => {
    resolve(admit());
  });
}

function withCountedUsage(result: EmbeddingResult, input: number): EmbeddingResult {
  return { ...result, usage: tokenUsage({ input, estimated: true }) };
}

function isBilled({ usage }: AttemptRecord): boolean {
  return totalInputTokens(usage) + totalOutputTokens(usage) > 0;
}
