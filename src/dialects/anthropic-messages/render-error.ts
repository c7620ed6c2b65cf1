import type { AppError } from '../../core/errors/app-error.js';
import type { ErrorCategory, ErrorCode } from '../../core/errors/error-codes.js';
import type { JsonObject } from '../../core/json.js';
import type { SseFrame } from '../../core/sse-frame.js';

const TYPES: Readonly<Record<ErrorCategory, string>> = {
  'invalid-request': 'invalid_request_error',
  authentication: 'authentication_error',
  permission: 'permission_error',
  'not-found': 'not_found_error',
  conflict: 'invalid_request_error',
  'too-large': 'request_too_large',
  'rate-limit': 'rate_limit_error',
  server: 'api_error',
  upstream: 'api_error',
};

const TYPES_BY_CODE: Readonly<Partial<Record<ErrorCode, string>>> = {
  overloaded: 'overloaded_error',
  upstream_overloaded: 'overloaded_error',
  upstream_timeout: 'timeout_error',
};

/** Anthropic's error body; an internal error names the request, since its message can say nothing else. Facts are its details. */
export function renderAnthropicError(error: AppError, requestId: string): JsonObject {
  const { code, category, message, facts } = error;
  return {
    type: 'error',
    error: {
      type: TYPES_BY_CODE[code] ?? TYPES[category],
      message: code === 'internal_error' ? `${message} Request id: ${requestId}` : message,
      ...(facts && { details: facts }),
    },
    request_id: requestId,
  };
}

/** The frame that ends a stream in band; clients raise it as an error, and no `message_stop` follows. */
export function renderAnthropicErrorFrame(error: AppError, requestId: string): SseFrame {
  return { event: 'error', data: JSON.stringify(renderAnthropicError(error, requestId)) };
}
