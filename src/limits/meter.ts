import type { RateLimitWindow } from '../core/rate-limits.js';
import type { LimitTerms } from './limit-terms.js';
import type { LimitLine } from './store/limit-store.js';

/** What a store said about one limit, with the times of this process's own monotonic clock, in milliseconds. */
export interface MeterNews {
  readonly minute: number;
  /** By all replicas. */
  readonly used: number;
  /** Handed out to this process in advance. */
  readonly spare: number;
  /** When it was said. */
  readonly now: number;
  /** The minute is surely not over before. */
  readonly endsAt: number;
}

/** Tells the desk that a meter has something to say to the store; `urgent` when other replicas wait for it. */
export type TellDesk = (meter: Meter, urgent: boolean) => void;

/**
 * One limit as this process sees it: what it may hand out by itself, and what it has to tell the other replicas. `now` is
 * always the monotonic clock's.
 */
export interface Meter {
  readonly terms: LimitTerms;
  /** How many askers wait for the store; kept by the desk. */
  waiting: number;
  /** Takes from what this process holds; null when that is not enough, else the window that it is counted in. */
  take(amount: number, now: number): number | null;
  /** Takes what the store has granted, after the news of it were learnt; returns the window that it is counted in. */
  takeGranted(amount: number): number;
  /** Gives back what was taken in the window, or adds to it when `amount` is negative; nothing once the window is over. */
  giveBack(window: number, amount: number, now: number): void;
  /** Whether asking the store is of no use at the moment. */
  surelyRefuses(amount: number, now: number): boolean;
  /** Whether the store had less than that when it was last asked. */
  lacked(amount: number): boolean;
  /** Milliseconds after which a refused request may be let through. */
  retryAfterMs(now: number): number;
  /** How it stands; null when that is unknown or nothing of the kind. */
  view(now: number): RateLimitWindow | null;
  /**
   * What the store has to hear; from here on that counts as told. A meter that is asked for gives up what it holds, since that
   * was not enough, and is handed out anew.
   */
  tell(isAskedFor: boolean): LimitLine;
  /** The store has not heard what was told; unless `isCertain` it may have all the same. */
  untell(line: LimitLine, isCertain: boolean): void;
  learn(news: MeterNews): void;
  changeTerms(terms: LimitTerms): void;
  /** Gives up what was handed out in advance, and makes sure that the store hears what is still held. */
  reset(): void;
  /** Whether nothing would be lost with it, when nobody waits. */
  isIdle(now: number): boolean;
}
