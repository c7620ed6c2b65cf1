import type { CallContext } from '../core/call-context.js';
import { AppError, ClientGoneError } from '../core/errors/app-error.js';
import type { ErrorCode } from '../core/errors/error-codes.js';
import type { ProviderError, ProviderErrorKind } from './provider-error.js';

const LONGEST_RETRY_AFTER_MS = 60_000;

interface Translation {
  readonly code: ErrorCode;
  /** What the client reads; null when the adapter's own message is meant for it. */
  readonly message: string | null;
}

const TRANSLATIONS: Readonly<Record<ProviderErrorKind, Translation>> = {
  unreachable: { code: 'upstream_unreachable', message: 'The model provider could not be reached. Try again later.' },
  'connect-timeout': { code: 'upstream_timeout', message: 'The model provider did not accept the connection in time.' },
  timeout: { code: 'upstream_timeout', message: 'The model provider did not answer in time. Try again later.' },
  interrupted: { code: 'upstream_error', message: 'The model provider broke off its answer. Try again.' },
  'rate-limited': {
    code: 'upstream_rate_limited',
    message: 'The model provider limits our requests. Try again later.',
  },
  'quota-exhausted': {
    code: 'upstream_quota_exhausted',
    message: 'The account at the model provider has no quota left. The operator of this server must see to it.',
  },
  'server-error': { code: 'upstream_error', message: 'The model provider failed to answer. Try again.' },
  overloaded: { code: 'upstream_overloaded', message: 'The model provider is overloaded. Try again later.' },
  authentication: {
    code: 'upstream_auth_failed',
    message: 'The model provider refused the credentials of this server. Its operator must see to it.',
  },
  permission: {
    code: 'upstream_auth_failed',
    message: 'The model provider does not let this server use the model. Its operator must see to it.',
  },
  'invalid-request': { code: 'upstream_rejected_request', message: null },
  'context-length': { code: 'context_length_exceeded', message: null },
  'content-filter': { code: 'content_filter', message: null },
  'model-not-found': {
    code: 'upstream_model_unavailable',
    message: 'The model provider does not serve this model any more. The operator of this server must see to it.',
  },
  malformed: { code: 'malformed_response', message: 'The model provider sent an answer that could not be read.' },
  'too-large': { code: 'response_too_large', message: 'The answer of the model provider was too large.' },
  redirect: { code: 'upstream_error', message: 'The model provider answered with a redirect, which is not followed.' },
  aborted: { code: 'upstream_timeout', message: 'The deadline of the request ran out before there was an answer.' },
};

/** The error a client meets when the attempts of a call are spent; `attempts` is how many requests were dispatched. */
export function toAppError(error: ProviderError, attempts: number): AppError {
  const { code, message } = TRANSLATIONS[error.kind];
  const retryAfterMs =
    error.retryAfterMs === undefined ? undefined : Math.min(error.retryAfterMs, LONGEST_RETRY_AFTER_MS);
  return new AppError(code, message ?? error.message, {
    param: error.param,
    retryAfterMs,
    shouldRetry: attempts >= 2 ? false : undefined,
    cause: error,
  });
}

/** The error that ends a stream in band, after content was delivered. */
export function toStreamError(error: ProviderError): AppError {
  const message =
    error.kind === 'aborted'
      ? 'The answer was cut off: the deadline of the request ran out.'
      : 'The answer was cut off: the stream of the model provider broke. Try again.';
  return new AppError('upstream_stream_interrupted', message, { cause: error });
}

/** Why nobody waits for the answer any more: what the call was aborted with, when that is for the client to see. */
export function toAbortError(call: CallContext): AppError | ClientGoneError {
  const reason: unknown = call.signal.reason;
  return reason instanceof AppError || reason instanceof ClientGoneError ? reason : new ClientGoneError();
}
