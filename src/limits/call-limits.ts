import type { RateLimits, RateLimitWindow } from '../core/rate-limits.js';
import type { LimitKind } from './limit-terms.js';
import type { Meter } from './meter.js';

/** Something that was taken from a limit, and can be given back. */
export interface Taken {
  readonly meter: Meter;
  readonly window: number;
  readonly amount: number;
}

/** What one call has taken from its limits: one request and one seat of each, however many admissions it has. */
export class CallLimits implements RateLimits {
  requests: RateLimitWindow | null = null;
  tokens: RateLimitWindow | null = null;
  /** Resolves when the admission that is being asked for is answered; never rejects. */
  entering: Promise<void> | null = null;
  #requests: Taken[] = [];
  #seats: Taken[] = [];
  #open = 0;
  #isCounted = false;
  #hasSeat = false;
  #hasDispatched = false;

  /** How much one more admission of the call needs of a limit of this kind. */
  needs(kind: LimitKind, tokens: () => number): number {
    if (kind === 'tokens') return tokens();
    return (kind === 'requests' ? this.#isCounted : this.#hasSeat) ? 0 : 1;
  }

  /** One admission more, with all that was taken for it. Returns its tokens. */
  enter(taken: readonly Taken[]): readonly Taken[] {
    this.#open += 1;
    const tokens: Taken[] = [];
    for (const one of taken) this.#listOf(one.meter.terms.kind, tokens).push(one);
    this.#isCounted = true;
    this.#hasSeat = true;
    return tokens;
  }

  /** One admission less. The seats are free after the last one, and so is the request if nothing was ever dispatched. */
  leave(wasDispatched: boolean, now: number): void {
    this.#open -= 1;
    this.#hasDispatched ||= wasDispatched;
    if (this.#open > 0) return;
    giveBackAll(this.#seats, now);
    this.#seats = [];
    this.#hasSeat = false;
    if (this.#hasDispatched) return;
    giveBackAll(this.#requests, now);
    this.#requests = [];
    this.#isCounted = false;
  }

  /** Notes how the limits stand, the tightest of each kind. */
  look(wants: readonly { readonly meter: Meter }[], now: number): void {
    this.requests = null;
    this.tokens = null;
    for (const { meter } of wants) {
      const view = meter.view(now);
      if (view === null) continue;
      if (meter.terms.kind === 'requests') this.requests = tighter(this.requests, view);
      else this.tokens = tighter(this.tokens, view);
    }
  }

  #listOf(kind: LimitKind, tokens: Taken[]): Taken[] {
    if (kind === 'tokens') return tokens;
    return kind === 'requests' ? this.#requests : this.#seats;
  }
}

/** Gives everything back. */
export function giveBackAll(taken: readonly Taken[], now: number): void {
  for (const { meter, window, amount } of taken) meter.giveBack(window, amount, now);
}

function tighter(known: RateLimitWindow | null, other: RateLimitWindow): RateLimitWindow {
  return known && known.remaining <= other.remaining ? known : other;
}
