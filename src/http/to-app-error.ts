import { HttpException } from '@nestjs/common';
import { AppError } from '../core/errors/app-error.js';

type Problem = Pick<AppError, 'code' | 'message'>;

// Nest, its guards and the router throw these for requests that reach none of our own checks.
const BY_STATUS: ReadonlyMap<number, Problem> = new Map([
  [400, { code: 'invalid_id', message: 'The path of the request is not valid: check its percent encoding.' }],
  [401, { code: 'missing_api_key', message: 'Send an API key, as `Authorization: Bearer KEY` or `X-API-Key: KEY`.' }],
  [403, { code: 'insufficient_scope', message: 'The API key may not do this. Use a key with the needed scope.' }],
  [404, { code: 'not_found', message: 'There is nothing at this path. The routes are listed at /docs.' }],
  [408, { code: 'request_timeout', message: 'The request took too long to arrive. Send it again.' }],
  [413, { code: 'request_too_large', message: 'The request is larger than the server takes.' }],
  [415, { code: 'unsupported_media_type', message: 'Send the body as `Content-Type: application/json`.' }],
  [429, { code: 'rate_limit_exceeded', message: 'Too many requests. Wait and send the request again.' }],
  [503, { code: 'dependency_unavailable', message: 'A part of the server is unavailable. Try again shortly.' }],
]);

const SERVER_FAULT: Problem = {
  code: 'internal_error',
  message: 'The server failed to process the request. Try again; if it goes on, report the request id.',
};

/** Any thrown thing as an error with a code: AppErrors as they are, framework errors by their status, others `internal_error`. */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const fromDriver = driverErrorOf(thrown);
  if (fromDriver) return fromDriver;
  const problem = (thrown instanceof HttpException ? BY_STATUS.get(thrown.getStatus()) : undefined) ?? SERVER_FAULT;
  return new AppError(problem.code, problem.message, { cause: thrown });
}

// TypeORM gives a connection that broke inside a transaction back by itself; of the next statement it says only that.
const BROKEN_TRANSACTION = new Set(['QueryRunnerAlreadyReleasedError', 'QueryRunnerProviderAlreadyReleasedError']);

const DISK_FULL = '53100';
const BUSY_STATES: ReadonlyMap<string, string> = new Map([
  ['57014', 'The database took too long. Try again shortly.'],
  ['55P03', 'The database is busy. Try again shortly.'],
  ['40001', 'The database is busy. Try again shortly.'],
  ['40P01', 'The database is busy. Try again shortly.'],
  ['53200', 'The database has no memory left. Try again shortly.'],
  ['25006', 'The database takes no changes at the moment. Try again shortly.'],
  ['58030', 'The database cannot reach its disk. Try again shortly.'],
]);

// TypeORM wraps what its driver throws; the database's connection throws AppErrors of its own when it is away.
function driverErrorOf(thrown: unknown): AppError | null {
  if (!(thrown instanceof Error)) return null;
  if (BROKEN_TRANSACTION.has(thrown.name)) {
    return new AppError('dependency_unavailable', 'The connection to the database broke. Try again shortly.', {
      retryAfterMs: 1_000,
      cause: thrown,
    });
  }
  if (!('driverError' in thrown)) return null;
  const { driverError } = thrown;
  if (driverError instanceof AppError) return driverError;
  return driverError instanceof Error && 'code' in driverError ? fromState(String(driverError.code), thrown) : null;
}

// What the database says when it cannot at the moment, and could later.
function fromState(state: string, cause: unknown): AppError | null {
  if (state === DISK_FULL) {
    return new AppError('storage_full', 'The disk of the database is full. Tell whoever runs this server.', { cause });
  }
  const message = BUSY_STATES.get(state);
  return message === undefined ? null : new AppError('dependency_unavailable', message, { retryAfterMs: 1_000, cause });
}
