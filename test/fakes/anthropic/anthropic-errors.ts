import type { JsonObject } from '../../../src/core/json.js';
import type { ServedRequest } from '../served-request.js';
import type { VendorFailure } from '../vendor.js';

const TYPES: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  529: 'overloaded_error',
};

function error(type: string, message: string): JsonObject {
  return { type: 'error', error: { type, message }, request_id: 'req_fake' };
}

/** Anthropic's error body for a status; the key that was refused is in the text, as a trap. */
export function anthropicErrorBody(status: number, request: ServedRequest): JsonObject {
  const type = TYPES[status] ?? 'api_error';
  const key = request.headers['x-api-key'];
  return error(type, status === 401 ? `invalid x-api-key: ${String(key)}` : `The fake says ${String(status)}.`);
}

/** The refusal of a request that the API finds wrong, in its words. */
export function anthropicRefusal(message: string): JsonObject {
  return error('invalid_request_error', message);
}

/** Failures that Anthropic tells apart by type and text. */
export function anthropicFailure(kind: VendorFailure): { status: number; body: JsonObject } {
  switch (kind) {
    case 'quota-exhausted':
      return {
        status: 400,
        body: error('invalid_request_error', 'Your credit balance is too low to access the Anthropic API.'),
      };
    case 'context-length':
      return {
        status: 400,
        body: error('invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum'),
      };
    case 'content-filter':
      return { status: 400, body: error('invalid_request_error', 'Output blocked by content filtering policy') };
    case 'model-not-found':
      return { status: 404, body: error('not_found_error', 'model: claude-unknown') };
    case 'overloaded':
      return { status: 529, body: error('overloaded_error', 'Overloaded') };
  }
}
