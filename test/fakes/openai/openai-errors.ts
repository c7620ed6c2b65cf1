import type { JsonObject } from '../../../src/core/json.js';
import type { ServedRequest } from '../served-request.js';
import type { VendorFailure } from '../vendor.js';

function error(message: string, type: string, code: string | null, param: string | null = null): JsonObject {
  return { error: { message, type, param, code } };
}

/** OpenAI's error body for a status; like the vendor it puts the key that was refused into the text. */
export function openAiErrorBody(status: number, request: ServedRequest): JsonObject {
  switch (status) {
    case 400:
      return error("Invalid value for 'temperature'.", 'invalid_request_error', null, 'temperature');
    case 401: {
      const key = (request.headers.authorization ?? '').replace('Bearer ', '');
      return error(`Incorrect API key provided: ${key}.`, 'invalid_request_error', 'invalid_api_key');
    }
    case 403:
      return error('Your project may not use this model.', 'invalid_request_error', 'model_not_allowed');
    case 404:
      return error(`Invalid URL (${request.route})`, 'invalid_request_error', null);
    case 429:
      return error('Rate limit reached for requests.', 'requests', 'rate_limit_exceeded');
    default:
      return error('The server had an error while processing your request.', 'server_error', null);
  }
}

/** Failures that OpenAI tells apart by code. */
export function openAiFailure(kind: VendorFailure): { status: number; body: JsonObject } {
  switch (kind) {
    case 'quota-exhausted':
      return {
        status: 429,
        body: error('You exceeded your current quota.', 'insufficient_quota', 'insufficient_quota'),
      };
    case 'context-length':
      return {
        status: 400,
        body: error(
          "This model's maximum context length is 128000 tokens. However, your messages resulted in 200001 tokens.",
          'invalid_request_error',
          'context_length_exceeded',
          'messages',
        ),
      };
    case 'content-filter':
      return {
        status: 400,
        body: error(
          'Your request was rejected by our safety system.',
          'invalid_request_error',
          'content_policy_violation',
        ),
      };
    case 'model-not-found':
      return {
        status: 404,
        body: error('The model does not exist.', 'invalid_request_error', 'model_not_found', 'model'),
      };
    case 'overloaded':
      return { status: 503, body: error('The engine is currently overloaded.', 'server_error', 'overloaded') };
  }
}
