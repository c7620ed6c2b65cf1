import type { ProviderErrorKind } from '../provider-error.js';

/** What one kind of failure means for the target, its credential and the attempts that may follow. */
export interface FailureRule {
  /** Counts for the target's circuit breaker. */
  readonly countsForBreaker: boolean;
  /** What is taken out of service: this credential at this target for a while or until a probe, or the credential everywhere. */
  readonly credential: 'untouched' | 'cools-down' | 'forbidden-here' | 'disabled';
  /** One quick retry of the same target comes before failing over. */
  readonly quickRetry: boolean;
  /** How often the same target may be tried again when there is no other. */
  readonly retries: number;
  /** Another target may answer what this one could not. */
  readonly failOver: boolean;
}

const SICK: FailureRule = {
  countsForBreaker: true,
  credential: 'untouched',
  quickRetry: false,
  retries: 0,
  failOver: true,
};
const TRANSIENT: FailureRule = { ...SICK, quickRetry: true, retries: 2 };
const FINAL: FailureRule = { ...SICK, countsForBreaker: false, failOver: false };
const KEY_TROUBLE: FailureRule = { ...SICK, countsForBreaker: false };

/** One row per kind of failure; the rows follow the fault table of the architecture document. */
export const FAILURE_RULES: Readonly<Record<ProviderErrorKind, FailureRule>> = {
  unreachable: TRANSIENT,
  'connect-timeout': { ...SICK, retries: 1 },
  timeout: SICK,
  interrupted: TRANSIENT,
  'rate-limited': { ...KEY_TROUBLE, credential: 'cools-down', retries: 2 },
  'quota-exhausted': { ...KEY_TROUBLE, credential: 'disabled' },
  'server-error': TRANSIENT,
  overloaded: TRANSIENT,
  authentication: { ...KEY_TROUBLE, credential: 'disabled' },
  permission: { ...KEY_TROUBLE, credential: 'forbidden-here' },
  'invalid-request': FINAL,
  'context-length': FINAL,
  'content-filter': FINAL,
  'model-not-found': SICK,
  malformed: { ...SICK, retries: 1 },
  'too-large': FINAL,
  redirect: SICK,
  aborted: FINAL,
};
