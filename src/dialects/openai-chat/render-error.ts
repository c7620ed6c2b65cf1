import type { AppError } from '../../core/errors/app-error.js';
import type { ErrorCategory } from '../../core/errors/error-codes.js';
import type { JsonObject } from '../../core/json.js';
import type { SseFrame } from '../../core/sse-frame.js';

const TYPES: Readonly<Record<Exclude<ErrorCategory, 'rate-limit'>, string>> = {
  'invalid-request': 'invalid_request_error',
  authentication: 'authentication_error',
  permission: 'permission_error',
  'not-found': 'invalid_request_error',
  conflict: 'invalid_request_error',
  'too-large': 'invalid_request_error',
  server: 'server_error',
  upstream: 'upstream_error',
};

/** OpenAI's error body; an internal error names the request, since its message can say nothing else. */
export function renderOpenAiError(error: AppError, requestId: string): JsonObject {
  const { category } = error;
  return {
    error: {
      message: error.code === 'internal_error' ? `${error.message} Request id: ${requestId}` : error.message,
      type: category === 'rate-limit' ? error.code : TYPES[category],
      param: error.param,
      code: error.code,
    },
  };
}

/** The frame that ends a stream in band; clients raise it as an error, and no `[DONE]` follows. */
export function renderOpenAiErrorFrame(error: AppError, requestId: string): SseFrame {
  return { data: JSON.stringify(renderOpenAiError(error, requestId)) };
}
