import type { IncomingMessage, ServerResponse } from 'node:http';
import { AnswerRelay, relayOf } from './answer-relay.js';
import { IDEMPOTENCY_HEADER } from './idempotency-key.js';

/** The response to answer a request with, in place of the client's own one; null where that one is right. */
export function detachedResponse(request: IncomingMessage, client: ServerResponse): ServerResponse | null {
  if (request.headers[IDEMPOTENCY_HEADER] === undefined || request.method !== 'POST') return null;
  return relayOf(client) ? null : new AnswerRelay(request, client).response;
}
