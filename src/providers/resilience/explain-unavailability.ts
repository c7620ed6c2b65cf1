import { AppError } from '../../core/errors/app-error.js';
import { ProviderError } from '../provider-error.js';
import { toAppError } from '../to-app-error.js';
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
  const retryAfterMs = Math.min(LONGEST_RETRY_AFTER_MS, Math.max(SHORTEST_RETRY_AFTER_MS, Math.min(...waitsMs)));
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
