import type { CallContext } from '../../core/call-context.js';
import type { Clock } from '../../core/clock.js';
import type { Credential } from './credential-pool.js';
import type { SlotRequest } from '../limits/limit-slot.js';
import type { TokenDemand } from '../limits/token-demand.js';
import type { Seat, SeatRequest, Target } from './target.js';

/** What is to be done, as far as the way through the targets goes. */
export interface JourneyPlan {
  /** In order of preference; at least one. */
  readonly targets: readonly Target[];
  /** Where a request goes that is too long for a target's context window, in order of preference. */
  readonly contextFallback?: readonly Target[];
  /** Milliseconds for the whole call, all its attempts and waits together. */
  readonly totalMs: number;
  /** What the request will use of a provider's tokens per minute; asked only where they are limited. */
  demand?(): TokenDemand;
}

const UNLIMITED: SlotRequest = { project: '', demand: null };

/** What a seat must be like, besides what the call is. */
export type Wish = Omit<SeatRequest, keyof SlotRequest>;

/** What one call has behind it: where it was, how often, and how long it waited. */
export class Journey {
  readonly call: CallContext;
  /** Readings of the monotonic clock. */
  readonly startedAt: number;
  readonly deadlineAt: number;
  readonly totalAt: number;
  dispatchedCount = 0;
  /** For a provider's `retry-after` and between attempts. */
  waitedMs = 0;
  /** In the queues of providers' limits. */
  queuedMs = 0;
  /** A second request was under way beside another; once in a call. */
  hasHedged = false;
  readonly #plan: JourneyPlan;
  readonly #clock: Clock;
  readonly #seats: Seat[] = [];
  #left: Set<Target> | null = null;
  #retries: Map<Target, number> | null = null;
  #targets: readonly Target[];
  #giveBackRetry: (() => void) | null = null;

  constructor(plan: JourneyPlan, clock: Clock, call: CallContext) {
    this.#plan = plan;
    this.#targets = plan.targets;
    this.call = call;
    this.#clock = clock;
    this.startedAt = clock.monotonic();
    this.deadlineAt = call.deadline;
    this.totalAt = this.startedAt + plan.totalMs;
  }

  /** Where the request may go, as things stand. */
  get targets(): readonly Target[] {
    return this.#targets;
  }

  /** Milliseconds until the call must be over. */
  remainingMs(): number {
    return Math.min(this.deadlineAt, this.totalAt) - this.#clock.monotonic();
  }

  dispatched(seat: Seat): void {
    this.#seats.push(seat);
    this.dispatchedCount += 1;
  }

  /** Where the last two requests went, the latest first. */
  get latestSeats(): readonly [Seat | undefined, Seat | undefined] {
    return [this.#seats.at(-1), this.#seats.at(-2)];
  }

  /** Credentials that were used at the target. */
  usedCredentialsOf(target: Target): ReadonlySet<Credential> {
    return new Set(this.#seats.filter((seat) => seat.target === target).map(({ credential }) => credential));
  }

  retriesOf(target: Target): number {
    return this.#retries?.get(target) ?? 0;
  }

  retried(target: Target): void {
    (this.#retries ??= new Map()).set(target, this.retriesOf(target) + 1);
  }

  /** The target had its chance in this call. */
  leave(target: Target): void {
    (this.#left ??= new Set()).add(target);
  }

  hasOtherTarget(present: Target): boolean {
    return this.#targets.some((target) => target !== present && !this.#left?.has(target) && target.isAvailable());
  }

  /**
   * The request was too long for the target: from now on it goes only to the fallback, but not where the context window is
   * known to be no larger. False when there is no such place.
   */
  seekLargerWindow(tooSmall: Target): boolean {
    const triedTokens = tooSmall.catalogEntry?.contextWindow ?? 0;
    const larger = (this.#plan.contextFallback ?? []).filter(
      (target) => target !== tooSmall && (target.catalogEntry?.contextWindow ?? Infinity) > triedTokens,
    );
    if (larger.length === 0) return false;
    this.#targets = larger;
    return true;
  }

  /** A seat at the very target, when it has one now. */
  takeSeat(target: Target, wish: Wish = {}): Seat | null {
    return target.takeSeat({ ...this.slotRequest(target), ...wish });
  }

  /** A seat at the first target that takes requests now and was not left, a suspect one last; null when there is none. */
  takeSeatElsewhere(): Seat | null {
    let suspects: Target[] | null = null;
    for (const target of this.#targets) {
      if (this.#left?.has(target)) continue;
      if (target.isSuspect()) {
        suspects ??= [];
        suspects.push(target);
        continue;
      }
      const seat = this.takeSeat(target);
      if (seat) return seat;
    }
    return suspects ? this.#firstSeatOf(suspects) : null;
  }

  /** A seat at the first other target that takes requests now, for a second request beside one that is under way. */
  takeSeatBeside(busy: Target): Seat | null {
    for (const target of this.#targets) {
      if (target === busy || this.#left?.has(target) || target.isSuspect()) continue;
      const seat = this.takeSeat(target);
      if (seat) return seat;
    }
    return null;
  }

  /** The targets that would take the request, were it not for the limits of their providers. */
  limitedTargets(): Target[] {
    return this.#targets.filter(
      (target) => target.provider.limiter !== null && !this.#left?.has(target) && target.isAvailable(),
    );
  }

  slotRequest(target: Target): SlotRequest {
    const { limiter } = target.provider;
    if (!limiter) return UNLIMITED;
    return {
      project: this.call.isAuthenticated ? this.call.principal.projectId : '',
      demand: limiter.countsTokens ? (this.#plan.demand?.() ?? null) : null,
    };
  }

  /** Milliseconds until the first cool-down of a healthy target is over; Infinity when none of them is only resting. */
  coolDownMs(): number {
    let soonestMs = Infinity;
    for (const target of this.#targets) {
      const blockage = target.provider.credentials.blockage(target.model);
      if (blockage?.reason === 'rate-limited' && target.breaker.isAvailable()) {
        soonestMs = Math.min(soonestMs, blockage.retryAfterMs);
      }
    }
    return soonestMs;
  }

  /** Keeps the place in the retry budget until the retry has answered or failed. */
  beginRetry(giveBack: () => void): void {
    this.#giveBackRetry = giveBack;
  }

  endRetry(): void {
    this.#giveBackRetry?.();
    this.#giveBackRetry = null;
  }

  #firstSeatOf(targets: readonly Target[]): Seat | null {
    for (const target of targets) {
      const seat = this.takeSeat(target);
      if (seat) return seat;
    }
    return null;
  }
}
