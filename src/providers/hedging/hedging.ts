import type { HedgeAfter, HedgeConfig } from '../../config/gateway-config.js';
import type { Clock } from '../../core/clock.js';
import type { Target } from '../resilience/target.js';
import { LatencyHistogram } from '../routing/latency-histogram.js';

/** Before this many answers nobody knows what is slow. */
const LEAST_ANSWERS = 20;
/** Extra requests that a model may send before it earned any, and that a quiet time may save up for a bad one. */
const GIVEN = 3;
const MOST_SAVED = 20;
/** Sums of shares like 0.05 fall short of the whole number they stand for. */
const ROUNDING = 1e-9;
const SHARES: Readonly<Record<HedgeAfter, number>> = { p90: 0.9, p95: 0.95, p99: 0.99 };
/** How far the percentile may lie above the one at twice its distance from the slowest. */
const MOST_STEP = 2;

/** What sort of call a time belongs to: a whole answer takes longer than its first word, and so does one with thoughts before it. */
export interface CallSort {
  readonly isStream: boolean;
  readonly isReasoning: boolean;
}

/**
 * How one model sends a second request when the first is slow: after how long, learnt from its own answers, and how often.
 * Extra requests never exceed the model's requests times the configured share, and three.
 */
export class Hedging {
  readonly #clock: Clock;
  readonly #share: number;
  readonly #maxExtra: number;
  readonly #times = new Map<Target, Map<string, LatencyHistogram>>();
  #allowance = GIVEN;

  constructor({ after, maxExtra }: HedgeConfig, clock: Clock) {
    this.#clock = clock;
    this.#share = SHARES[after];
    this.#maxExtra = maxExtra;
  }

  /** A request for the model began. */
  began(): void {
    this.#allowance = Math.min(MOST_SAVED, this.#allowance + this.#maxExtra);
  }

  /**
   * Milliseconds of silence after which a second request may follow; null as long as too few answers came from there. Where slow
   * answers are about as many as the percentile leaves out, it may be the time of a slow one, and waiting for that would help
   * nobody: then it is what the usual ones suggest.
   */
  delayMs(target: Target, sort: CallSort): number | null {
    const now = this.#clock.monotonic();
    const times = this.#times.get(target)?.get(nameOf(sort));
    if (!times || times.count(now) < LEAST_ANSWERS) return null;
    const ms = times.percentile(this.#share, now);
    const usualMs = times.percentile(1 - 2 * (1 - this.#share), now);
    return ms === null || usualMs === null ? null : Math.min(ms, MOST_STEP * usualMs);
  }

  /**
   * A first request had content after so many milliseconds, or had still none when a second one had. The percentile that
   * decides when to hedge lies below the latter times, so it is as if they were known.
   */
  note(target: Target, sort: CallSort, ms: number): void {
    const bySort = this.#times.get(target) ?? new Map<string, LatencyHistogram>();
    this.#times.set(target, bySort);
    const now = this.#clock.monotonic();
    const times = bySort.get(nameOf(sort)) ?? new LatencyHistogram(now);
    bySort.set(nameOf(sort), times);
    times.add(ms, now);
  }

  /** Takes one extra request out of the share; false when there is none left. */
  take(): boolean {
    if (this.#allowance + ROUNDING < 1) return false;
    this.#allowance -= 1;
    return true;
  }

  /** The extra request that was taken was not sent. */
  giveBack(): void {
    this.#allowance += 1;
  }
}

function nameOf({ isStream, isReasoning }: CallSort): string {
  return `${isStream ? 'stream' : 'whole'} ${isReasoning ? 'reasoning' : 'plain'}`;
}
