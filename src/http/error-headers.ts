import type { ServerResponse } from 'node:http';
import type { AppError } from '../core/errors/app-error.js';

const DEFAULT_RETRY_MS = 1_000;

/** Sets what clients and their retry loops read from an error beside its body. */
export function setErrorHeaders(response: ServerResponse, error: AppError, status: number): void {
  if (status === 401) response.setHeader('www-authenticate', 'Bearer realm="trunkline"');
  if (error.allow) response.setHeader('allow', error.allow.join(', '));
  if (error.shouldRetry !== undefined) response.setHeader('x-should-retry', String(error.shouldRetry));
  setRetryAfter(response, error, status);
}

function setRetryAfter(response: ServerResponse, error: AppError, status: number): void {
  const isTemporary = (status === 429 || status === 503 || status === 529) && error.shouldRetry !== false;
  const waitMs = error.retryAfterMs ?? (isTemporary ? DEFAULT_RETRY_MS : undefined);
  if (waitMs === undefined) return;
  response.setHeader('retry-after', String(Math.max(1, Math.ceil(waitMs / 1000))));
  response.setHeader('retry-after-ms', String(Math.ceil(waitMs)));
}
