import type { ProviderError } from '../provider-error.js';
import { FAILURE_RULES, type FailureRule } from './failure-rules.js';

/** Requests that may follow the first one in a call, to the same target and others together. */
export const MAX_EXTRA_ATTEMPTS = 2;
/** The longest that a call waits, all its waits for a provider's `retry-after` together. */
export const MAX_WAIT_MS = 10_000;

const QUICK_RETRY_MS = 300;
const SHORT_WAIT_MS = 2_500;
const BACKOFF_FIRST_MS = 200;
const BACKOFF_LAST_MS = 4_000;

/** How things stand after an attempt failed. */
export interface Situation {
  readonly error: ProviderError;
  readonly attemptsLeft: number;
  /** How often this target was already tried again in this call. */
  readonly retriesOfTarget: number;
  readonly hasOtherCredential: boolean;
  readonly hasOtherTarget: boolean;
  /** Milliseconds already spent waiting in this call. */
  readonly waitedMs: number;
  /** Milliseconds until the call must be over. */
  readonly remainingMs: number;
}

/** What to do next. A wait of `same-target` is in milliseconds. */
export type Step =
  { type: 'give-up' } | { type: 'other-credential' } | { type: 'same-target'; delayMs: number } | { type: 'fail-over' };

/** Decides what follows a failed attempt. It holds no state; `random` gives numbers from 0 up to 1. */
export class RetryPolicy {
  readonly #random: () => number;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  decide(situation: Situation): Step {
    const rule = FAILURE_RULES[situation.error.kind];
    if (!rule.failOver || situation.attemptsLeft <= 0 || situation.remainingMs <= 0) return { type: 'give-up' };
    // The last attempt is too good for a target that has just failed when there is another one.
    const isSpareable = situation.attemptsLeft > 1 || !situation.hasOtherTarget;
    if (isSpareable && rule.credential !== 'untouched' && situation.hasOtherCredential) {
      return { type: 'other-credential' };
    }
    const eagerMs = isSpareable ? this.#eagerDelayMs(situation, rule) : null;
    if (eagerMs !== null) return { type: 'same-target', delayMs: eagerMs };
    if (situation.hasOtherTarget) return { type: 'fail-over' };
    const patientMs = this.#patientDelayMs(situation, rule);
    return patientMs === null ? { type: 'give-up' } : { type: 'same-target', delayMs: patientMs };
  }

  /** A random part of `ms`, so that callers that were refused together do not come back together. */
  jitterMs(ms: number): number {
    return this.#random() * ms;
  }

  // Goes before failing over: the same target is likely to answer in a moment.
  #eagerDelayMs(situation: Situation, rule: FailureRule): number | null {
    const askedMs = situation.error.retryAfterMs ?? 0;
    if (situation.retriesOfTarget > 0 || situation.error.maxRetries === 0) return null;
    if (rule.credential === 'cools-down' && askedMs > 0 && askedMs <= SHORT_WAIT_MS)
      return withinMs(askedMs, situation);
    if (rule.quickRetry && askedMs <= QUICK_RETRY_MS) return withinMs(this.jitterMs(QUICK_RETRY_MS), situation);
    return null;
  }

  // With nowhere else to go.
  #patientDelayMs(situation: Situation, rule: FailureRule): number | null {
    const { error, retriesOfTarget, waitedMs } = situation;
    const askedMs = error.retryAfterMs ?? 0;
    const saysWhen = askedMs > 0;
    const retries = rule.credential === 'cools-down' && !saysWhen ? 1 : rule.retries;
    if (retriesOfTarget >= Math.min(retries, error.maxRetries ?? Infinity)) return null;
    if (saysWhen) return waitedMs + askedMs > MAX_WAIT_MS ? null : withinMs(askedMs, situation);
    const ceilingMs = Math.min(BACKOFF_LAST_MS, BACKOFF_FIRST_MS * 2 ** retriesOfTarget);
    return withinMs(this.jitterMs(ceilingMs), situation);
  }
}

function withinMs(delayMs: number, situation: Situation): number | null {
  return delayMs < situation.remainingMs ? delayMs : null;
}
