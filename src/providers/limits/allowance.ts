import type { ProviderLimitsConfig } from '../../config/gateway-config.js';
import type { Clock } from '../../core/clock.js';
import type { LimitSlot } from './limit-slot.js';
import { MinuteBucket, type Spending } from './minute-bucket.js';
import { demandedTokens, type TokenDemand, usedTokens } from './token-demand.js';

/** Requests are spaced: no more than a second's worth goes out at once. Providers look at seconds too. */
const REQUEST_BURST_MS = 1_000;
/** A few requests of ordinary size may go together, though each is worth seconds of a small limit. */
const TOKEN_BURST_MS = 3_000;
const FIRST_GUESS_OF_HOLD_MS = 1_000;
const WEIGHT_OF_NEWEST_HOLD = 0.2;

/** This process's share of what a provider may be asked for: whether a request may go now, and what is under way. */
export class Allowance {
  readonly #limits: ProviderLimitsConfig;
  readonly #clock: Clock;
  readonly #liveInstances: () => number;
  readonly #requests: MinuteBucket | null;
  readonly #tokens: MinuteBucket | null;
  #inUse = 0;
  #averageHoldMs = FIRST_GUESS_OF_HOLD_MS;

  constructor(limits: ProviderLimitsConfig, clock: Clock, liveInstances: () => number) {
    this.#limits = limits;
    this.#clock = clock;
    this.#liveInstances = liveInstances;
    this.#requests = this.#bucket(limits.requestsPerMinute, REQUEST_BURST_MS);
    this.#tokens = this.#bucket(limits.tokensPerMinute, TOKEN_BURST_MS);
  }

  get inUse(): number {
    return this.#inUse;
  }

  get requestsPerMinute(): number | null {
    return this.#requests?.perMinute ?? null;
  }

  get tokensPerMinute(): number | null {
    return this.#tokens?.perMinute ?? null;
  }

  /** How many requests may be under way at once. A process that may send nothing at all would be of no use: each has one. */
  get concurrency(): number | null {
    const { concurrency } = this.#limits;
    return concurrency === null ? null : Math.max(1, Math.floor(concurrency / this.#instances()));
  }

  /** Milliseconds until such a request may go; Infinity while only the end of another one can help. */
  waitMs(demand: TokenDemand | null): number {
    const { concurrency } = this;
    if (concurrency !== null && this.#inUse >= concurrency) return Infinity;
    const now = this.#clock.monotonic();
    return Math.max(this.#requests?.waitMs(1, now) ?? 0, this.#tokens?.waitMs(demandedTokens(demand), now) ?? 0);
  }

  /** About how many milliseconds it takes until so many requests, with so many tokens in all, have gone. */
  etaMs(requests: number, tokens: number): number {
    const { concurrency } = this;
    const now = this.#clock.monotonic();
    const isFull = concurrency !== null && this.#inUse >= concurrency;
    return Math.max(
      this.#requests?.etaMs(requests, now) ?? 0,
      this.#tokens?.etaMs(tokens, now) ?? 0,
      isFull ? (this.#averageHoldMs * requests) / concurrency : 0,
    );
  }

  /** Takes a slot, whether or not it is free; `onOver` is called once it was given back. */
  take(demand: TokenDemand | null, onOver: () => void): LimitSlot {
    const takenAt = this.#clock.monotonic();
    this.#inUse += 1;
    const request = this.#requests?.spend(1, takenAt);
    const spending = this.#tokens?.spend(demandedTokens(demand), takenAt);
    let isOver = false;
    const end = (correct: (now: number) => void): void => {
      if (isOver) return;
      isOver = true;
      this.#inUse -= 1;
      correct(this.#clock.monotonic());
      onOver();
    };
    return {
      cancel: () => {
        end((now) => {
          correct(this.#requests, request, 0, now);
          correct(this.#tokens, spending, 0, now);
        });
      },
      release: (usage, deliveredCharacters) => {
        end((now) => {
          this.#averageHoldMs += WEIGHT_OF_NEWEST_HOLD * (now - takenAt - this.#averageHoldMs);
          if (demand) correct(this.#tokens, spending, usedTokens(demand, usage, deliveredCharacters), now);
        });
      },
    };
  }

  #bucket(perMinute: number | null, burstMs: number): MinuteBucket | null {
    if (perMinute === null) return null;
    return new MinuteBucket(() => perMinute / this.#instances(), burstMs, this.#clock.monotonic());
  }

  #instances(): number {
    return Math.max(1, this.#liveInstances());
  }
}

function correct(bucket: MinuteBucket | null, spending: Spending | undefined, amount: number, now: number): void {
  if (bucket && spending) bucket.correct(spending, amount, now);
}
