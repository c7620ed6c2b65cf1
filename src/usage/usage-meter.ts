import { Injectable } from '@nestjs/common';
import type { CallContext } from '../core/call-context.js';
import type { ChatEvent } from '../core/chat/chat-event.js';
import type { ChatRequest } from '../core/chat/chat-request.js';
import { tokenUsage, type TokenUsage } from '../core/chat/token-usage.js';
import type { EmbeddingRequest, EmbeddingResult } from '../core/embedding/embedding-request.js';
import type { BudgetTerms } from '../core/principal.js';
import { AdmissionGate } from './metering/admission-gate.service.js';
import { type Ask, ChatAsk, EmbeddingAsk } from './metering/ask.js';
import { isPlausibleUsage } from './metering/bill-attempt.js';
import { CallBooks, type Entry } from './metering/call-books.service.js';
import { type Candidate, Candidates } from './metering/candidates.js';
import type { Grant } from './metering/grant.js';
import { MediaAsk } from './metering/media-ask.js';
import type { MediaOrder } from './metering/media-order.js';
import { JoinedAsk } from './metering/joined-ask.js';
import { MeteredEvents } from './metering/metered-events.js';
import { UpperBounds } from './metering/upper-bounds.service.js';
import { whenReady } from './metering/when-ready.js';

/** The leave to send one chat request. */
export interface ChatMeter {
  /** The request as it may be sent: under a budget with the output limit that is reserved for it. */
  readonly request: ChatRequest;
  /**
   * Passes the events on. When the provider reported no usage, one `usage` event of our own counting ends them. The call's
   * usage and cost are up to date when the events are over, however they ended.
   */
  meter(events: AsyncIterable<ChatEvent>): AsyncIterableIterator<ChatEvent, undefined>;
  /** Notes why no events came, for the ledger; the ledger guesses from the attempts when nobody says. */
  fail(error: unknown): void;
}

/** The leave to send one request for images, sound or judgements. */
export interface MediaMeter {
  /** The answer is whole, or was read to its end. */
  complete(): void;
  /** Nobody read on. */
  stop(): void;
  fail(error: unknown): void;
}

/** The leave to send one embedding request. */
export interface EmbeddingMeter {
  meter(result: EmbeddingResult): EmbeddingResult;
  fail(error: unknown): void;
}

/**
 * The one gate to the providers: who may not use the model, has used up a limit or would exceed a budget does not pass; what
 * passes is written down before it is sent, and billed, once, when its call is over, however that ended.
 */
@Injectable()
export class UsageMeter {
  constructor(
    private readonly candidates: Candidates,
    private readonly bounds: UpperBounds,
    private readonly gate: AdmissionGate,
    private readonly books: CallBooks,
  ) {}

  /**
   * Rejects with `model_not_found`, `model_not_allowed`, `model_not_priced`, `unpriced_parameter`, `rate_limit_exceeded`,
   * `concurrency_limit`, `insufficient_quota` or `dependency_unavailable`; then nothing is billed and nothing is taken.
   */
  admitChat(request: ChatRequest, call: CallContext): Promise<ChatMeter> {
    return this.#admitting(call, () => {
      const candidates = this.candidates.find(request.model, call.principal);
      const terms = this.gate.termsOf(call, request.model, candidates);
      const ask = new ChatAsk(this.#limited(request, candidates, terms, call), candidates, terms, this.bounds);
      return whenReady(this.#enter(ask, call), (entry) => chatMeter(ask, entry));
    });
  }

  /**
   * The leave to read along an answer that somebody else's request brings: for whoever may use the model, within the limits
   * of requests, at no cost. Rejects as `admitChat` does, but for what is about money.
   */
  admitJoined(request: ChatRequest, call: CallContext): Promise<ChatMeter> {
    return this.#admitting(call, () => {
      const ask = new JoinedAsk(request, this.candidates.find(request.model, call.principal));
      return whenReady(this.#enter(ask, call), (entry) => chatMeter({ request }, entry));
    });
  }

  /** As `admitJoined`, for vectors that were kept. */
  admitKeptEmbeddings({ model }: EmbeddingRequest, call: CallContext): Promise<EmbeddingMeter> {
    return this.#admitting(call, () => {
      const ask = new JoinedAsk({ model }, this.candidates.findForEmbeddings(model, call.principal), 'embeddings');
      return whenReady(this.#enter(ask, call), embeddingMeter);
    });
  }

  /** As `admitChat`. */
  admitEmbeddings(request: EmbeddingRequest, call: CallContext): Promise<EmbeddingMeter> {
    return this.#admitting(call, () => {
      const candidates = this.candidates.findForEmbeddings(request.model, call.principal);
      const terms = this.gate.termsOf(call, request.model, candidates);
      if (terms.length > 0) this.candidates.requirePrices(request.model, candidates);
      const ask = new EmbeddingAsk(request, candidates, terms, this.bounds);
      return whenReady(this.#enter(ask, call), embeddingMeter);
    });
  }

  /** As `admitChat`; of several targets those count that `isMeant` takes, where there are any. */
  admitMedia(
    order: MediaOrder,
    call: CallContext,
    isMeant: (candidate: Candidate) => boolean = () => true,
  ): Promise<MediaMeter> {
    return this.#admitting(call, () => {
      const mostOf = ({ providerType }: Candidate): TokenUsage => order.most(providerType);
      const candidates = this.candidates.findForMedia(order.model, call.principal, { isMeant, mostOf });
      const terms = this.gate.termsOf(call, order.model, candidates);
      if (terms.length > 0) this.candidates.requireUnitPrices(order.model, candidates, mostOf);
      const ask = new MediaAsk(order, candidates, terms, this.bounds);
      return whenReady(this.#enter(ask, call), mediaMeter);
    });
  }

  // What a budget pays for must have a price and an end.
  #limited(
    request: ChatRequest,
    candidates: readonly Candidate[],
    terms: readonly BudgetTerms[],
    call: CallContext,
  ): ChatRequest {
    if (terms.length === 0) return request;
    this.candidates.requirePrices(request.model, candidates);
    this.candidates.requirePricedParameters(request, candidates);
    return this.bounds.limit(request, candidates, call);
  }

  // What `admit` throws, or rejects with, rejects the promise, and the books of the call know that it was refused something.
  #admitting<T>(call: CallContext, admit: () => T | Promise<T>): Promise<T> {
    return new Promise((resolve) => {
      const refused = (error: unknown): never => {
        this.books.noteRefusal(call, error);
        throw error;
      };
      try {
        const admitted = admit();
        resolve(admitted instanceof Promise ? admitted.catch(refused) : admitted);
      } catch (error) {
        refused(error);
      }
    });
  }

  #enter(ask: Ask, call: CallContext): Entry | Promise<Entry> {
    return whenReady(this.gate.enter(call, ask), (grant) => this.#admit(ask, grant, call));
  }

  #admit(ask: Ask, grant: Grant, call: CallContext): Entry {
    const entry = this.books.enter(ask, grant, call);
    call.onAdmitted?.(ask.operation);
    return entry;
  }
}

function chatMeter({ request }: Pick<ChatAsk, 'request'>, { admission, account }: Entry): ChatMeter {
  const refresh = (): void => {
    account.refresh();
  };
  return {
    request,
    meter: (events) => new MeteredEvents(events, admission, refresh),
    fail: (error) => {
      admission.fail(error);
      refresh();
    },
  };
}

function embeddingMeter({ admission, account }: Entry): EmbeddingMeter {
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
}

function mediaMeter({ admission, account }: Entry): MediaMeter {
  const ended = (note: () => void) => (): void => {
    note();
    account.refresh();
  };
  return {
    complete: ended(() => {
      admission.complete();
    }),
    stop: ended(() => {
      admission.stop();
    }),
    fail: (error) => {
      admission.fail(error);
      account.refresh();
    },
  };
}

function withCountedUsage(result: EmbeddingResult, input: number): EmbeddingResult {
  return { ...result, usage: tokenUsage({ input, estimated: true }) };
}
