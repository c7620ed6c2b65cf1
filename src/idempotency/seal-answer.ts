import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { constants, deflateRaw, inflateRaw } from 'node:zlib';
import type { KeptHead } from './answer-relay.js';
import type { KeySecrets } from './idempotency-key.js';

/** An answer as it was given. */
export interface KeptAnswer {
  readonly head: KeptHead;
  readonly body: Buffer;
}

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const LENGTH_BYTES = 4;

const compress = promisify(deflateRaw);
const expand = promisify(inflateRaw);

/** The answer, compressed and encrypted under a secret that only the client's key gives (AES-256-GCM). */
export async function sealAnswer({ head, body }: KeptAnswer, { answerSecret }: KeySecrets): Promise<Buffer> {
  const headBytes = Buffer.from(JSON.stringify(head));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(headBytes.length);
  const plain = await compress(Buffer.concat([length, headBytes, body]), { level: constants.Z_BEST_SPEED });
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, answerSecret, nonce);
  const sealed = [cipher.update(plain), cipher.final()];
  return Buffer.concat([nonce, cipher.getAuthTag(), ...sealed]);
}

/** The answer again. Rejects when the secret is another one or a byte was changed. */
export async function openAnswer(sealed: Buffer, { answerSecret }: KeySecrets): Promise<KeptAnswer> {
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const tag = sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES);
  const decipher = createDecipheriv(CIPHER, answerSecret, nonce).setAuthTag(tag);
  const compressed = [decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()];
  const plain = await expand(Buffer.concat(compressed));
  const bodyAt = LENGTH_BYTES + plain.readUInt32BE();
  const head = JSON.parse(plain.toString('utf8', LENGTH_BYTES, bodyAt)) as KeptHead;
  return { head, body: plain.subarray(bodyAt) };
}
