import type { JsonObject } from '../../../src/core/json.js';
import type { ServedRequest } from '../served-request.js';
import type { VendorFailure } from '../vendor.js';

const STATUSES: Record<number, string> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};

/** An error as Google writes it. */
export function googleError(code: number, message: string, details?: JsonObject[]): JsonObject {
  return { error: { code, message, status: STATUSES[code] ?? 'UNKNOWN', ...(details && { details }) } };
}

/** What the Gemini API says to a key it does not know: a 400, with the reason in the details. */
export function invalidKey(key: string): JsonObject {
  return googleError(400, `API key not valid: ${key}. Please pass a valid API key.`, [
    { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID', domain: 'googleapis.com' },
  ]);
}

/** Gemini's error body for a status; the credential that was refused is in the text, as a trap. */
export function geminiErrorBody(status: number, request: ServedRequest): JsonObject {
  const { headers } = request;
  const credential = String(headers['x-goog-api-key'] ?? headers.authorization ?? '');
  if (status === 401) return googleError(401, `Request had invalid authentication credentials: ${credential}.`);
  return googleError(status, `The fake says ${String(status)}.`);
}

/** Failures that Gemini tells apart by status, reason and text. */
export function geminiFailure(kind: VendorFailure): { status: number; body: JsonObject } {
  switch (kind) {
    case 'quota-exhausted':
      return {
        status: 429,
        body: googleError(429, 'Your prepayment credits are depleted. Please go to AI Studio to manage your billing.'),
      };
    case 'context-length':
      return {
        status: 400,
        body: googleError(
          400,
          'The input token count (1200293) exceeds the maximum number of tokens allowed (1048576).',
        ),
      };
    case 'content-filter':
      return { status: 200, body: { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' } } };
    case 'model-not-found':
      return {
        status: 404,
        body: googleError(404, 'models/gemini-unknown is not found for API version v1beta.'),
      };
    case 'overloaded':
      return { status: 503, body: googleError(503, 'The model is overloaded. Please try again later.') };
  }
}
