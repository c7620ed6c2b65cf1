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
  return thrown.driverError instanceof AppError ? thrown.driverError : null;
}
