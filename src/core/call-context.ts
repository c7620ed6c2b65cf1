import type { Attempt } from './attempt.js';
import { Cancellation, type CancelSignal } from './cancellation.js';
import type { BudgetStatus } from './budget-status.js';
import type { CacheStatus, CacheWish } from './cache-wish.js';
import type { TokenUsage } from './chat/token-usage.js';
import type { Principal } from './principal.js';
import type { RateLimits } from './rate-limits.js';
import type { CallTrace } from './telemetry/call-trace.js';

/** Where a call came in; also the closed set behind metric labels. */
export type Surface = 'openai' | 'anthropic' | 'native' | 'rag' | 'admin' | 'operations' | 'job';

/** What a provider is asked to do. */
export type Operation = 'chat' | 'embeddings' | 'rerank' | 'images' | 'speech' | 'transcriptions' | 'moderations';

/** What is known of the bill while a call is under way. */
export interface CallBill {
  /** What the attempts came to that `isCounted` picks by their index, those included that were cut off. */
  usageOf(isCounted: (attempt: number) => boolean): TokenUsage;
}

export interface CallContextOptions {
  id: string;
  surface: Surface;
  /** Wall-clock milliseconds when the request arrived. */
  receivedAt: number;
  /** Milliseconds on the monotonic clock after which nothing more is tried; Infinity when nobody set one. */
  deadline?: number;
  principal?: Principal;
  tags?: readonly string[];
  /** What the request says about our caches; null when it says nothing. */
  cacheWish?: CacheWish | null;
}

// Shared: an error of its own for each call would cost a stack.
const OVER = new Error('The call is over.');

/** One request or job, passed explicitly through every layer. Its signal fires when nobody waits for the answer any more. */
export class CallContext {
  readonly id: string;
  readonly surface: Surface;
  readonly receivedAt: number;
  readonly deadline: number;
  readonly tags: readonly string[];
  /** Requests dispatched upstream, in order. */
  readonly attempts: Attempt[] = [];
  /** What could not be carried across dialects, in words for the client. */
  readonly warnings: string[] = [];
  /** Who answered: the provider's name and its own name of the model; null until content arrived. */
  answeredBy: { provider: string; model: string } | null = null;
  /** Why `auto` routing preferred the target it did, from a closed set of words; null without such routing. */
  routeReason: string | null = null;
  /** The model as the client named it. */
  requestedModel: string | null = null;
  /** What the whole call cost in USD, as a decimal string; null while unknown or unpriced. */
  costUsd: string | null = null;
  /** What an answer would have cost that came from somebody else's request, in USD as a decimal string; null for all others. */
  savedUsd: string | null = null;
  usage: TokenUsage | null = null;
  /** The stored conversation that the call belongs to; null when there is none. */
  conversationId: string | null = null;
  /** Milliseconds from arrival to the first content; null before it. */
  firstContentMs: number | null = null;
  /** True when `costUsd` is final. */
  settled = false;
  /** What is left of the limits of the key and the project; null where nothing is limited. */
  rateLimits: RateLimits | null = null;
  /** Called when a request of the call was let through, right before it is sent; for those who only wait for a refusal. */
  onAdmitted: ((operation: Operation) => void) | null = null;
  /** What was left of its budgets when it was let in; null without any. */
  budget: BudgetStatus | null = null;
  /** Awaited before another attempt after one that failed; what it rejects with ends the call. Null costs nothing. */
  beforeRetry: (() => Promise<void>) | null = null;

  /** What the request says about our response caches, headers and body together; null when it says nothing. */
  cacheWish: CacheWish | null;
  /** Where the (last) answer came from; null where no cache was asked. */
  cacheStatus: CacheStatus | null = null;
  /**
   * Set by features that may ask a model more than once in the call: their requests share no answer that is under way, because
   * a shared one has books of its own, and a call has one row.
   */
  hasSteps = false;
  /** True after an answer of a model that is not the last one of the call: what ends now is not whole. */
  isBetweenSteps = false;

  /** What is done for the call becomes spans of it; null while tracing is off. */
  trace: CallTrace | null = null;

  /** Who is asked what the call's attempts have cost so far; null before it is admitted. */
  books: CallBill | null = null;

  /** How many of the first attempts were made on the side of the answer. */
  #asides = 0;
  readonly #abort = new Cancellation();
  readonly #cleanups: ((call: CallContext) => void)[] = [];
  #principal: Principal | undefined;
  #over = false;

  constructor(options: CallContextOptions) {
    this.id = options.id;
    this.surface = options.surface;
    this.receivedAt = options.receivedAt;
    this.deadline = options.deadline ?? Infinity;
    this.tags = options.tags ?? [];
    this.cacheWish = options.cacheWish ?? null;
    this.#principal = options.principal;
  }

  get signal(): CancelSignal {
    return this.#abort;
  }

  /** Who is calling. Throws before the guard has found out: asking earlier is a mistake in the code. */
  get principal(): Principal {
    if (!this.#principal) throw new Error('The call has no principal: its route is not behind the API key guard.');
    return this.#principal;
  }

  get isAuthenticated(): boolean {
    return this.#principal !== undefined;
  }

  authenticate(principal: Principal): void {
    this.#principal = principal;
  }

  /** All attempts so far asked for something on the side, such as a summary: however late they answer, it is not the answer. */
  setAside(): void {
    this.#asides = this.attempts.length;
    this.answeredBy = null;
    this.firstContentMs = null;
  }

  /** True once any attempt was set aside. */
  get hasAsides(): boolean {
    return this.#asides > 0;
  }

  /** True for an attempt that was set aside. */
  isAside(attempt: Attempt): boolean {
    return this.#asides > 0 && this.attempts.lastIndexOf(attempt, this.#asides - 1) >= 0;
  }

  /** Runs `cleanup` once when the call is over for whatever reason; at once when it already is. It is given the call. */
  defer(cleanup: (call: CallContext) => void): void {
    if (this.#over) cleanup(this);
    else this.#cleanups.push(cleanup);
  }

  /** Nobody waits any more: fires the signal. The call is over only when `finish` is called. */
  abort(reason: Error): void {
    this.#abort.abort(reason);
  }

  /**
   * The call is over: runs the deferred cleanups, last first, all of them even if one throws. Then the signal fires for
   * whatever of it still runs, such as a question to a model that nobody could wait for any longer. Further calls do nothing.
   */
  finish(): void {
    this.#over = true;
    const cleanup = this.#cleanups.pop();
    if (!cleanup) {
      this.#abort.abort(OVER);
      return;
    }
    try {
      cleanup(this);
    } finally {
      this.finish();
    }
  }
}
