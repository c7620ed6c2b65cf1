import type { CallContext } from '../../core/call-context.js';
import type { Clock } from '../../core/clock.js';
import type { Credential } from './credential-pool.js';
import type { Seat, Target } from './target.js';

/** What one call has behind it: where it was, how often, and how long it waited. */
export class Journey {
  readonly targets: readonly Target[];
  readonly call: CallContext;
  /** Readings of the monotonic clock. */
  readonly startedAt: number;
  readonly deadlineAt: number;
  readonly totalAt: number;
  /** Credentials that were used at the present target. */
  readonly usedCredentials = new Set<Credential>();
  dispatchedCount = 0;
  waitedMs = 0;
  readonly #clock: Clock;
  readonly #left = new Set<Target>();
  readonly #retries = new Map<Target, number>();
  #target: Target | null = null;
  #giveBackRetry: (() => void) | null = null;

  constructor(targets: readonly Target[], totalMs: number, clock: Clock, call: CallContext) {
    this.targets = targets;
    this.call = call;
    this.#clock = clock;
    this.startedAt = clock.monotonic();
    this.deadlineAt = this.startedAt + (call.deadline - clock.now());
    this.totalAt = this.startedAt + totalMs;
  }

  /** Milliseconds until the call must be over. */
  remainingMs(): number {
    return Math.min(this.deadlineAt, this.totalAt) - this.#clock.monotonic();
  }

  dispatched(seat: Seat): void {
    if (seat.target !== this.#target) this.usedCredentials.clear();
    this.#target = seat.target;
    this.usedCredentials.add(seat.credential);
    this.dispatchedCount += 1;
  }

  retriesOf(target: Target): number {
    return this.#retries.get(target) ?? 0;
  }

  retried(target: Target): void {
    this.#retries.set(target, this.retriesOf(target) + 1);
  }

  /** The target had its chance in this call. */
  leave(target: Target): void {
    this.#left.add(target);
  }

  hasOtherTarget(present: Target): boolean {
    return this.targets.some((target) => target !== present && !this.#left.has(target) && target.isAvailable());
  }

  /** A seat at the first target that takes requests now and was not left; null when there is none. */
  takeSeatElsewhere(): Seat | null {
    for (const target of this.targets) {
      if (this.#left.has(target)) continue;
      const seat = target.takeSeat();
      if (seat) return seat;
    }
    return null;
  }

  /** Milliseconds until the first cool-down of a healthy target is over; Infinity when none of them is only resting. */
  coolDownMs(): number {
    let soonestMs = Infinity;
    for (const target of this.targets) {
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
}
