import { AppError } from '../../core/errors/app-error.js';
import { ProviderError } from '../provider-error.js';
import { toAppError } from '../to-app-error.js';
import type { Journey } from './journey.js';
import type { Target } from './target.js';

const SHORTEST_RETRY_AFTER_MS = 1_000;
const LONGEST_RETRY_AFTER_MS = 60_000;

/**
 * Why no target takes a request now. When the only trouble is with the credentials that is what the client hears, as from
 * the requests that found it out; else nothing is healthy, and `retryAfterMs` is the time until the first one is probed.
 */
export function explainUnavailability(targets: readonly Target[]): AppError {
  const blockages = targets.map((target) => target.provider.credentials.blockage(target.model));
  const waitsMs = targets.map((target, index) =>
    Math.max(target.breaker.retryAfterMs(), blockages[index]?.retryAfterMs ?? 0),
  );
  const retryAfterMs = withinBounds(Math.min(...waitsMs));
  const first = blockages[0];
  if (first && targets.every((target) => target.breaker.isAvailable())) {
    return toAppError(
      new ProviderError(first.reason, 'The credentials are out of use at present.', { retryAfterMs }),
      0,
    );
  }
  return new AppError('no_healthy_upstream', 'No provider of this model is healthy at present. Try again later.', {
    retryAfterMs,
  });
}

/** There was no room in the queue of any provider, or not in time; `retryAfterMs` is about when a turn will come. */
export function explainLimits(journey: Journey): AppError {
  const waitsMs = journey
    .limitedTargets()
    .map((target) => target.provider.limiter?.retryAfterMs(journey.slotRequest(target)) ?? 0);
  if (waitsMs.length === 0) return explainUnavailability(journey.targets);
  return new AppError(
    'upstream_overloaded',
    'As many requests as the operator allows are under way to the model provider. Try again later.',
    { retryAfterMs: withinBounds(Math.min(...waitsMs)) },
  );
}

function withinBounds(retryAfterMs: number): number {
  return Math.min(LONGEST_RETRY_AFTER_MS, Math.max(SHORTEST_RETRY_AFTER_MS, retryAfterMs));
}
