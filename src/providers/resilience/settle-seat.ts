import type { AttemptOutcome } from '../../core/attempt.js';
import type { ProviderError } from '../provider-error.js';
import { FAILURE_RULES } from './failure-rules.js';
import type { Seat, Target } from './target.js';

/** Tells the breaker and the credential how the request ended; `now` is wall-clock milliseconds. */
export function settleSeat(seat: Seat, outcome: AttemptOutcome, error: ProviderError | null, now: number): void {
  const { target, permit, credential } = seat;
  if (outcome === 'succeeded') {
    permit.succeed();
    target.provider.credentials.succeeded(credential, target.model);
    target.consecutiveFailures = 0;
  } else if (outcome === 'aborted' || !error) {
    permit.release();
    target.provider.credentials.released(credential, target.model);
  } else {
    settleFailure(seat, error, now);
  }
}

function settleFailure(seat: Seat, error: ProviderError, now: number): void {
  const { target, permit } = seat;
  if (!isTargetsOwn(target, error)) {
    permit.release();
    seat.target.provider.credentials.released(seat.credential, target.model);
    return;
  }
  target.noteFailure(error.kind, now);
  if (error.kind === 'model-not-found') target.alarm('model-unavailable', now);
  if (FAILURE_RULES[error.kind].countsForBreaker) permit.fail();
  else permit.release();
  settleCredential(seat, error);
}

function settleCredential({ target, credential }: Seat, error: ProviderError): void {
  const pool = target.provider.credentials;
  switch (FAILURE_RULES[error.kind].credential) {
    case 'cools-down':
      pool.coolDown(credential, target.model, error.retryAfterMs);
      return;
    case 'forbidden-here':
      pool.forbid(credential, target.model);
      return;
    case 'disabled':
      pool.disable(credential, target.model, error.kind === 'quota-exhausted' ? 'quota-exhausted' : 'authentication');
      return;
    case 'untouched':
      pool.released(credential, target.model);
  }
}

/** False where a model that only a client named does not exist, and where the request itself was refused. */
export function isTargetsOwn(target: Target, error: ProviderError): boolean {
  if (error.kind === 'model-not-found') return target.isConfigured;
  return FAILURE_RULES[error.kind].failOver;
}
