import { AppError } from '../core/errors/app-error.js';

// Class 08 is connection failure; 57P are shutdown, crash, start-up and a dropped database; 53300 is too many connections.
const UNAVAILABLE_STATE = /^(08|57P0|53300)/;
const UNAVAILABLE_SYSTEM = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOENT',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENOTFOUND',
]);

/** The same failure as `dependency_unavailable` when it means that the server cannot be reached; any other as it is. */
export function toAvailabilityError(error: unknown): Error {
  const failure = error instanceof Error ? error : new Error(String(error));
  const code = 'code' in failure && typeof failure.code === 'string' ? failure.code : '';
  const isUnavailable =
    UNAVAILABLE_STATE.test(code) ||
    UNAVAILABLE_SYSTEM.has(code) ||
    // The driver gives its own failures no code.
    failure.message.startsWith('Connection terminated') ||
    failure.message.startsWith('Client has encountered a connection error');
  return isUnavailable ? unavailable(failure) : failure;
}

/** What a client is told while the database is away. */
export function unavailable(cause: Error): AppError {
  return new AppError('dependency_unavailable', 'The database is not available. Try again shortly.', {
    retryAfterMs: 1_000,
    cause,
  });
}
