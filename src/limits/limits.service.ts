import { type BeforeApplicationShutdown, Injectable, type OnModuleInit } from '@nestjs/common';
import type { CancelSignal } from '../core/cancellation.js';
import type { CallContext } from '../core/call-context.js';
import { Clock } from '../core/clock.js';
import type { Principal } from '../core/principal.js';
import { Telemetry } from '../core/telemetry/telemetry.js';
import { CallLimits, giveBackAll, type Taken } from './call-limits.js';
import { LimitDesk, type Wants } from './limit-desk.js';
import { beyondLimit, limitReached, LimitRefusedError, limitsUnavailable } from './limit-refusals.js';
import { type LimitTerms, limitTermsOf } from './limit-terms.js';
import { LimitTicket } from './limit-ticket.js';
import type { Meter } from './meter.js';
import { MeterBook } from './meter-book.js';
import { LimitStore } from './store/limit-store.js';

/**
 * A client may send its next request before the other replica has said that the last one is over: how long a request without
 * a seat waits before each further look.
 */
const SEAT_PAUSES_MS = [20, 80];

interface Want {
  readonly meter: Meter;
  readonly amount: number;
}

/** Lets requests through as far as the limits of their key and project allow, over all replicas. */
@Injectable()
export class LimitsService implements OnModuleInit, BeforeApplicationShutdown {
  readonly #terms = new WeakMap<Principal, readonly LimitTerms[]>();

  constructor(
    private readonly book: MeterBook,
    private readonly desk: LimitDesk,
    private readonly store: LimitStore,
    private readonly clock: Clock,
    private readonly telemetry: Telemetry,
  ) {}

  onModuleInit(): void {
    this.store.onMoved = () => {
      this.book.resetAll();
    };
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.desk.close();
    await this.store.forget().catch(() => undefined);
  }

  /**
   * Takes what one admission of the call needs from all of its limits, or nothing; null when the call has none. The call
   * counts as one request with one seat however many admissions it has; each has its own `tokens`, which are only asked for
   * where tokens are limited. Throws or rejects with 429 `rate_limit_exceeded` or `concurrency_limit`, or with 503
   * `dependency_unavailable` when nobody can be asked.
   */
  enter(call: CallContext, tokens: () => number): LimitTicket | null | Promise<LimitTicket> {
    const { keyLimits, projectLimits } = call.principal;
    if (keyLimits === null && projectLimits === null) return null;
    const terms = this.#termsOf(call.principal);
    if (terms.length === 0) return null;
    const state = call.rateLimits instanceof CallLimits ? call.rateLimits : new CallLimits();
    call.rateLimits = state;
    try {
      const entered = this.#enter(state, terms, once(tokens), call.signal);
      return entered instanceof Promise ? entered.catch((error: unknown) => this.#fail(error)) : entered;
    } catch (error) {
      return this.#fail(error);
    }
  }

  #fail(error: unknown): never {
    if (error instanceof LimitRefusedError) this.telemetry.limitRefused(error.terms);
    throw error;
  }

  #enter(
    state: CallLimits,
    terms: readonly LimitTerms[],
    tokens: () => number,
    signal: CancelSignal,
  ): LimitTicket | Promise<LimitTicket> {
    // Admissions of one call that come at once must not each count a request.
    if (state.entering) return state.entering.then(() => this.#enter(state, terms, tokens, signal));
    const attempt = this.#attempt(state, terms, tokens);
    if (!(attempt instanceof Promise)) return this.#admit(state, attempt);
    const entered = this.#persist(attempt, state, terms, tokens, signal).then((taken) => this.#admit(state, taken));
    const done = (): void => {
      state.entering = null;
    };
    state.entering = entered.then(done, done);
    return entered;
  }

  #admit(state: CallLimits, taken: readonly Taken[]): LimitTicket {
    return new LimitTicket(state, state.enter(taken), this.clock);
  }

  // A request that found no seat looks again.
  async #persist(
    first: Promise<readonly Taken[]>,
    state: CallLimits,
    terms: readonly LimitTerms[],
    tokens: () => number,
    signal: CancelSignal,
  ): Promise<readonly Taken[]> {
    let attempt: readonly Taken[] | Promise<readonly Taken[]> = first;
    for (const pauseMs of SEAT_PAUSES_MS) {
      try {
        return await attempt;
      } catch (error) {
        if (!isSeatRefusal(error)) throw error;
      }
      await this.clock.sleep(pauseMs, signal);
      attempt = this.#attempt(state, terms, tokens);
    }
    return attempt;
  }

  #attempt(
    state: CallLimits,
    terms: readonly LimitTerms[],
    tokens: () => number,
  ): readonly Taken[] | Promise<readonly Taken[]> {
    const now = this.clock.monotonic();
    const wants: Want[] = [];
    for (const term of terms) {
      const amount = state.needs(term.kind, tokens);
      if (amount > term.limit) throw beyondLimit(term, amount);
      const meter = this.book.open(term);
      wants.push({ meter, amount });
    }
    const certain = wants.find(({ meter, amount }) => meter.surelyRefuses(amount, now));
    if (certain) throw this.#refuse(state, wants, certain);
    const taken: Taken[] = [];
    const missing: Want[] = [];
    for (const want of wants) {
      if (want.amount === 0) continue;
      const window = want.meter.take(want.amount, now);
      if (window === null) missing.push(want);
      else taken.push({ meter: want.meter, amount: want.amount, window });
    }
    if (missing.length > 0) return this.#ask(state, wants, taken, missing);
    state.look(wants, now);
    return taken;
  }

  async #ask(state: CallLimits, wants: Wants, taken: readonly Taken[], missing: Wants): Promise<readonly Taken[]> {
    let windows: readonly number[] | null;
    try {
      windows = await this.desk.ask(missing);
    } catch (error) {
      giveBackAll(taken, this.clock.monotonic());
      throw limitsUnavailable(error);
    }
    if (windows === null) {
      giveBackAll(taken, this.clock.monotonic());
      throw this.#refuse(state, wants, whatLacked(missing));
    }
    state.look(wants, this.clock.monotonic());
    return [...taken, ...missing.map((want, index) => ({ ...want, window: windows[index] ?? 0 }))];
  }

  #refuse(state: CallLimits, wants: Wants, { meter, amount }: Want): Error {
    const now = this.clock.monotonic();
    state.look(wants, now);
    const remaining = meter.view(now)?.remaining ?? 0;
    return limitReached(meter.terms, amount, { retryAfterMs: meter.retryAfterMs(now), remaining });
  }

  #termsOf(principal: Principal): readonly LimitTerms[] {
    const known = this.#terms.get(principal);
    if (known) return known;
    const terms = limitTermsOf(principal);
    this.#terms.set(principal, terms);
    return terms;
  }
}

function once(count: () => number): () => number {
  let counted: number | null = null;
  return () => (counted ??= count());
}

// Of several reasons the one that lasts longer is told.
function whatLacked(missing: Wants): Want {
  const lacking = missing.filter(({ meter, amount }) => meter.lacked(amount));
  const found = lacking.find(({ meter }) => meter.terms.kind !== 'concurrency') ?? lacking[0] ?? missing[0];
  if (!found) throw new Error('Nothing was asked for, and it was refused.');
  return found;
}

function isSeatRefusal(error: unknown): boolean {
  return error instanceof LimitRefusedError && error.terms.kind === 'concurrency';
}
