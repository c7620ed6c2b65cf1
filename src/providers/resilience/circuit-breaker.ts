import type { BreakerConfig } from '../../config/gateway-config.js';
import type { Clock } from '../../core/clock.js';
import type { BreakerState } from '../../core/telemetry/telemetry.js';
import { RecentOutcomes } from './recent-outcomes.js';
import { SlidingWindow } from './sliding-window.js';

interface Closed {
  readonly name: 'closed';
  readonly window: SlidingWindow;
  readonly latest: RecentOutcomes;
}

type State = Closed | { name: 'open'; until: number } | { name: 'half-open'; probing: number };

/** The latest requests that are looked at by themselves, as a multiple of `minRequests`. */
const LATEST_FACTOR = 5;
/** Beyond this many they are as many as `minRequests` asks for. */
const MANY_LATEST = 1_000;
/** What we tell clients to wait while every probe is under way: nobody knows when it ends. */
const PROBE_WAIT_MS = 1000;

/** The right to send one request. It is settled once; whatever is said after that has no effect. */
export interface Permit {
  /** True when this request decides whether the target is healthy again. */
  readonly isProbe: boolean;
  succeed(): void;
  /** The request failed in a way that says the target is sick. */
  fail(): void;
  /** The request ended without saying anything about the target's health. */
  release(): void;
}

/**
 * Stops requests to a target that mostly fails. Closed: all pass, until at least `minRequests` were counted within the
 * window and `failureRatio` of them failed, or as many of the latest `5 * minRequests`, so that a long healthy past does not
 * cover a sick present. Open: none pass for `openMs`. Half-open: `probes` at once; the first one that
 * succeeds closes it, the first one that fails opens it again.
 */
export class CircuitBreaker {
  readonly #config: BreakerConfig;
  readonly #clock: Clock;
  readonly #onChange: (state: BreakerState) => void;
  #state: State;

  constructor(config: BreakerConfig, clock: Clock, onChange: (state: BreakerState) => void = () => undefined) {
    this.#config = config;
    this.#clock = clock;
    this.#onChange = onChange;
    this.#state = this.#closed();
  }

  get state(): BreakerState {
    return this.#state.name;
  }

  /** A permit, or null when no request may pass now. Whoever gets one must settle it. */
  acquire(): Permit | null {
    if (!this.isAvailable()) return null;
    if (this.#state.name === 'open') this.#become({ name: 'half-open', probing: 0 });
    const state = this.#state;
    if (state.name === 'half-open') state.probing += 1;
    return this.#permit(state);
  }

  /** Tells whether `acquire` would give a permit now. */
  isAvailable(): boolean {
    const state = this.#state;
    switch (state.name) {
      case 'closed':
        return true;
      case 'open':
        return this.#clock.monotonic() >= state.until;
      case 'half-open':
        return state.probing < this.#config.probes;
    }
  }

  /** Milliseconds until a request may pass; 0 when one may now. */
  retryAfterMs(): number {
    if (this.isAvailable()) return 0;
    return this.#state.name === 'open' ? this.#state.until - this.#clock.monotonic() : PROBE_WAIT_MS;
  }

  /** Closes it and forgets what was counted. */
  reset(): void {
    if (this.#state.name === 'closed') this.#state = this.#closed();
    else this.#become(this.#closed());
  }

  // The permit remembers the very state it was given in: what it reports after a change belongs to the past.
  #permit(state: State): Permit {
    let isSettled = false;
    const settle = (report: () => void): void => {
      if (isSettled) return;
      isSettled = true;
      if (this.#state !== state) return;
      if (state.name === 'half-open') state.probing -= 1;
      report();
    };
    return {
      isProbe: state.name === 'half-open',
      succeed: () => {
        settle(() => {
          this.#count(state, false);
        });
      },
      fail: () => {
        settle(() => {
          this.#count(state, true);
        });
      },
      release: () => {
        settle(() => undefined);
      },
    };
  }

  #count(state: State, failed: boolean): void {
    if (state.name === 'half-open') {
      this.#become(failed ? this.#open() : this.#closed());
    } else if (state.name === 'closed') {
      state.window.add(failed, this.#clock.monotonic());
      state.latest.add(failed);
      if (failed && this.#isTooSick(state)) this.#become(this.#open());
    }
  }

  #isTooSick({ window, latest }: Closed): boolean {
    const { minRequests, failureRatio } = this.#config;
    if (latest.failureRatio >= failureRatio) return true;
    return window.requests >= minRequests && window.failureRatio >= failureRatio;
  }

  #closed(): State {
    const { windowMs, minRequests } = this.#config;
    return {
      name: 'closed',
      window: new SlidingWindow(windowMs, this.#clock.monotonic()),
      latest: new RecentOutcomes(Math.max(minRequests, Math.min(MANY_LATEST, LATEST_FACTOR * minRequests))),
    };
  }

  #open(): State {
    return { name: 'open', until: this.#clock.monotonic() + this.#config.openMs };
  }

  #become(state: State): void {
    this.#state = state;
    this.#onChange(state.name);
  }
}
