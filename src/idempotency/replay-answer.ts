import type { ServerResponse } from 'node:http';
import type { FoundRecord } from './idempotency-store.js';
import type { KeptAnswer } from './seal-answer.js';

/** What every answer has of its own: its connection, its time, and how the limits stand. */
const OWN = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'content-length',
  'date',
  'vary',
  'x-request-id',
  'x-response-time',
]);
const OWN_PREFIXES = ['x-ratelimit-', 'x-trunkline-budget-', 'access-control-', 'retry-after'];

/** Gives a kept answer again: status, the headers that belong to it, and the body to the byte. */
export function replayAnswer(response: ServerResponse, { head, body }: KeptAnswer, { requestId }: FoundRecord): void {
  response.statusCode = head.status;
  for (const [name, value] of head.headers) {
    if (!OWN.has(name) && !OWN_PREFIXES.some((prefix) => name.startsWith(prefix))) response.setHeader(name, value);
  }
  response.setHeader('idempotent-replayed', 'true');
  response.setHeader('x-trunkline-original-request-id', requestId);
  response.setHeader('content-length', String(body.length));
  response.end(body);
}
