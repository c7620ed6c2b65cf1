import type { Clock } from '../../core/clock.js';

const LONGEST_TIMER_MS = 2_147_483_647;

/** Which limit of an attempt ran out. `deadline` is the client's own; the others are ours and speak against the target. */
export type TimerName = 'first-content' | 'idle' | 'total' | 'deadline';

export interface TimerLimits {
  /** Milliseconds from dispatch to the first content; Infinity for calls whose response head has its own timer. */
  readonly firstContentMs: number;
  /** Milliseconds that the next event may take once there was content. */
  readonly idleMs: number;
  /** Readings of the monotonic clock. */
  readonly totalAt: number;
  readonly deadlineAt: number;
}

/**
 * Every limit of one attempt on a single timer: events only note their time, and the timer looks at it when it fires. Time
 * in which nobody asks for the next event is not counted as idle: then the client is slow and not the provider.
 */
export class AttemptTimers {
  readonly #clock: Clock;
  readonly #limits: TimerLimits;
  readonly #onExpired: (timer: TimerName) => void;
  readonly #firstContentAt: number;
  #askedAt: number | null = null;
  #hasContent = false;
  #firesAt = Infinity;
  #cancel: (() => void) | null = null;

  constructor(clock: Clock, limits: TimerLimits, onExpired: (timer: TimerName) => void) {
    this.#clock = clock;
    this.#limits = limits;
    this.#onExpired = onExpired;
    this.#firstContentAt = clock.monotonic() + limits.firstContentMs;
    this.#schedule(Math.min(this.#firstContentAt, limits.totalAt, limits.deadlineAt), clock.monotonic());
  }

  /** Somebody asks for the next event. */
  asked(): void {
    if (this.#hasContent) this.#askedAt = this.#clock.monotonic();
  }

  /** An event came. */
  arrived(): void {
    this.#askedAt = null;
  }

  /** The first content came: from now on the idle limit holds. */
  contentArrived(): void {
    this.#hasContent = true;
    const now = this.#clock.monotonic();
    if (now + this.#limits.idleMs < this.#firesAt) this.#schedule(now + this.#limits.idleMs, now);
  }

  /** For good: what is noted after that starts no timer. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#firesAt = -Infinity;
  }

  #fire(): void {
    const now = this.#clock.monotonic();
    const expired = this.#expired(now);
    if (expired) {
      this.#cancel = null;
      this.#onExpired(expired);
      return;
    }
    const idleAt = (this.#askedAt ?? now) + this.#limits.idleMs;
    const nextAt = this.#hasContent ? idleAt : this.#firstContentAt;
    this.#schedule(Math.min(nextAt, this.#limits.totalAt, this.#limits.deadlineAt), now);
  }

  #expired(now: number): TimerName | null {
    if (now >= this.#limits.deadlineAt) return 'deadline';
    if (now >= this.#limits.totalAt) return 'total';
    if (!this.#hasContent) return now >= this.#firstContentAt ? 'first-content' : null;
    return this.#askedAt !== null && now >= this.#askedAt + this.#limits.idleMs ? 'idle' : null;
  }

  #schedule(at: number, now: number): void {
    this.#cancel?.();
    this.#firesAt = at;
    // Node's timers may fire a fraction of a millisecond early; the next whole one is never too early.
    const delayMs = Math.min(LONGEST_TIMER_MS, Math.max(1, Math.ceil(at - now)));
    this.#cancel = this.#clock.schedule(() => {
      this.#fire();
    }, delayMs);
  }
}
