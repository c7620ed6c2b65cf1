import { QueryFailedError } from 'typeorm';
import { AppError } from '../core/errors/app-error.js';

// Serialization failure and deadlock: the same transaction, run again, succeeds.
const CONFLICTS: readonly string[] = ['40001', '40P01'];

/** Whether the statement lost against another one and may be tried again at once. */
export function isConflict(error: unknown): boolean {
  return CONFLICTS.includes(codeOf(error));
}

/** Whether the server itself said that the statement failed, so that it had no effect; else nobody knows. */
export function isRolledBack(error: unknown): boolean {
  const code = codeOf(error);
  return /^[0-9A-Z]{5}$/.test(code) && !/^(?:08|57P|E[A-Z]{4}$)/.test(code);
}

/** Of a failure that may have had an effect all the same, what the client is told. */
export function toUnavailable(error: unknown): AppError {
  if (error instanceof AppError) return error;
  return new AppError('dependency_unavailable', 'The database is not available. Try again shortly.', {
    retryAfterMs: 1_000,
    cause: error,
  });
}

function codeOf(error: unknown): string {
  const failure: unknown = error instanceof QueryFailedError ? error.driverError : error;
  if (typeof failure !== 'object' || failure === null || !('code' in failure)) return '';
  return typeof failure.code === 'string' ? failure.code : '';
}
