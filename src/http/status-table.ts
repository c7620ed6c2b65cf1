import type { Surface } from '../core/call-context.js';
import type { ErrorCategory, ErrorCode } from '../core/errors/error-codes.js';
import { ERROR_CODES } from '../core/errors/error-codes.js';

const BY_CATEGORY: Readonly<Record<ErrorCategory, number>> = {
  'invalid-request': 400,
  authentication: 401,
  permission: 403,
  'not-found': 404,
  conflict: 409,
  'too-large': 413,
  'rate-limit': 429,
  server: 500,
  upstream: 502,
};

const BY_CODE: Readonly<Partial<Record<ErrorCode, number>>> = {
  method_not_allowed: 405,
  request_timeout: 408,
  unsupported_media_type: 415,
  unsupported_file_type: 415,
  unsupported_charset: 415,
  unsupported_encoding: 415,
  expectation_failed: 417,
  idempotency_key_reused: 422,
  output_schema_mismatch: 422,
  upgrade_required: 426,
  dependency_unavailable: 503,
  overloaded: 503,
  server_shutting_down: 503,
  no_healthy_upstream: 503,
  storage_full: 507,
  upstream_overloaded: 503,
  upstream_timeout: 504,
};

/** What the logs and the ledger call a response whose client left before its end. */
export const CLIENT_GONE_STATUS = 499;

/** The status of a request whose connection went on in another protocol. */
export const SWITCHED_STATUS = 101;

const ANTHROPIC_BY_CODE: Readonly<Partial<Record<ErrorCode, number>>> = {
  overloaded: 529,
  upstream_overloaded: 529,
};

/** The HTTP status of every error code; Anthropic has one of its own for being overloaded. */
export function statusOf(code: ErrorCode, surface?: Surface): number {
  const own = surface === 'anthropic' ? ANTHROPIC_BY_CODE[code] : undefined;
  return own ?? BY_CODE[code] ?? BY_CATEGORY[ERROR_CODES[code]];
}
