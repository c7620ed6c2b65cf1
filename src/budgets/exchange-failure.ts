import { AppError } from '../core/errors/app-error.js';

/** Of a failure that may have had an effect all the same, what the client is told. */
export function toUnavailable(error: unknown): AppError {
  if (error instanceof AppError) return error;
  return new AppError('dependency_unavailable', 'The database is not available. Try again shortly.', {
    retryAfterMs: 1_000,
    cause: error,
  });
}
