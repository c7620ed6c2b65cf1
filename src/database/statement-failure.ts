import { QueryFailedError } from 'typeorm';

// Serialization failure and deadlock: the same transaction, run again, succeeds.
const CONFLICTS: readonly string[] = ['40001', '40P01'];
const STATE = /^[0-9A-Z]{5}$/;
// The connection, the server that shuts down, and the system's own codes that are as long: they say nothing of the statement.
const CONNECTION_LOST = /^(?:08|57P|E[A-Z]{4}$)/;

/** The code of a failure, PostgreSQL's or the system's; an empty text when it has none. */
export function codeOfFailure(error: unknown): string {
  const failure: unknown = error instanceof QueryFailedError ? error.driverError : error;
  if (typeof failure !== 'object' || failure === null || !('code' in failure)) return '';
  return typeof failure.code === 'string' ? failure.code : '';
}

/** Whether the statement lost against another one and may be tried again at once. */
export function isConflict(error: unknown): boolean {
  return CONFLICTS.includes(codeOfFailure(error));
}

/** Whether the server itself said that the statement failed, so that it had no effect; else nobody knows. */
export function isRolledBack(error: unknown): boolean {
  const code = codeOfFailure(error);
  return STATE.test(code) && !CONNECTION_LOST.test(code);
}
