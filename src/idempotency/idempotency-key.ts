import { hkdfSync } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { InvalidRequestError } from '../core/errors/app-error.js';
import type { Principal } from '../core/principal.js';

/** The header's name, as Node writes it. */
export const IDEMPOTENCY_HEADER = 'idempotency-key';

const KEY = /^[\x20-\x7e]{1,255}$/;
const SECRET_BYTES = 32;

/** What is made of a client's key, which itself is stored nowhere. */
export interface KeySecrets {
  /** Under which the answer is found. */
  readonly name: string;
  /** For `fingerprintOf`. */
  readonly fingerprintSecret: Buffer;
  /** For `sealAnswer`. */
  readonly answerSecret: Buffer;
}

/** The client's key of a request that has one. Throws `invalid_idempotency_key` when it cannot be used. */
export function readIdempotencyKey(request: IncomingMessage): string {
  const keys = request.headersDistinct[IDEMPOTENCY_HEADER] ?? [];
  const [key = ''] = keys;
  if (keys.length === 1 && KEY.test(key)) return key;
  throw new InvalidRequestError(
    'invalid_idempotency_key',
    'The header `Idempotency-Key` must be given once, with 1 to 255 visible ASCII characters, such as a random UUID.',
  );
}

/**
 * Derives everything from the client's key, for one API key in one project (HKDF, RFC 5869): the bearer of tokens has the
 * same `keyId` in every project.
 */
export function deriveSecrets(
  idempotencyKey: string,
  { keyId, projectId }: Pick<Principal, 'keyId' | 'projectId'>,
): KeySecrets {
  const salt = `${projectId}\0${keyId}`;
  const derived = Buffer.from(hkdfSync('sha256', idempotencyKey, salt, 'trunkline idempotency', 3 * SECRET_BYTES));
  return {
    name: derived.toString('base64url', 0, SECRET_BYTES),
    fingerprintSecret: derived.subarray(SECRET_BYTES, 2 * SECRET_BYTES),
    answerSecret: derived.subarray(2 * SECRET_BYTES),
  };
}
