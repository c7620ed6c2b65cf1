import { createHmac } from 'node:crypto';
import type { Request } from 'express';
import type { KeySecrets } from './idempotency-key.js';

/**
 * Tells requests apart: those with the same method, path, query and body have the same one. `body` is the digest of a body
 * that was not parsed; without it the parsed JSON counts, whatever white space was in it.
 */
export function fingerprintOf(request: Request, { fingerprintSecret }: KeySecrets, body?: string): string {
  const parsed: unknown = request.body;
  return createHmac('sha256', fingerprintSecret)
    .update(`${request.method} ${request.originalUrl}\n`)
    .update(body ?? (parsed === undefined ? '' : JSON.stringify(parsed)))
    .digest('base64url');
}
