import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { InvalidRequestError } from '../../core/errors/app-error.js';

const PREFIX = 'whsec_';
const NEW_BYTES = 32;
/** What the Standard Webhooks specification asks of a secret. */
const LEAST_BYTES = 24;
const MOST_BYTES = 64;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** A secret for signing, as the Standard Webhooks specification writes them: `whsec_` and 32 random bytes in base64. */
export function newWebhookSecret(): string {
  return PREFIX + randomBytes(NEW_BYTES).toString('base64');
}

/** Throws `weak_secret` for one that is not `whsec_` and 24 to 64 bytes in base64. */
export function checkWebhookSecret(secret: string): void {
  const encoded = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : '';
  const bytes = BASE64.test(encoded) ? Buffer.from(encoded, 'base64') : Buffer.alloc(0);
  if (bytes.length >= LEAST_BYTES && bytes.length <= MOST_BYTES && new Set(bytes).size > 1) return;
  throw new InvalidRequestError(
    'weak_secret',
    '`secret` must be `whsec_` and 24 to 64 random bytes in base64. Leave it out to have one made.',
    { param: 'secret' },
  );
}

/**
 * The headers that a receiver checks, by the Standard Webhooks specification: a signature for each secret.
 * `sentAt` is wall-clock time.
 */
export function signWebhook(
  { id, body, sentAt }: { id: string; body: string; sentAt: Date },
  secrets: readonly string[],
): Record<string, string> {
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(sentAt.getTime() / 1000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, sentAt, body)).join(' '),
  };
}
