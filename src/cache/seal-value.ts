import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { constants, deflateRaw, inflateRaw } from 'node:zlib';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Below this, compression costs more than it saves. */
const LEAST_BYTES = 1_024;
const PLAIN = 0;
const DEFLATED = 1;

const compress = promisify(deflateRaw);
const expand = promisify(inflateRaw);

/** The bytes, compressed when they are many, and encrypted under a secret of 32 bytes (AES-256-GCM). */
export async function sealValue(value: Buffer, secret: Buffer): Promise<Buffer> {
  const isLong = value.length >= LEAST_BYTES;
  const body = isLong ? await compress(value, { level: constants.Z_BEST_SPEED }) : value;
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, secret, nonce);
  const sealed = [cipher.update(Buffer.of(isLong ? DEFLATED : PLAIN)), cipher.update(body), cipher.final()];
  return Buffer.concat([nonce, cipher.getAuthTag(), ...sealed]);
}

/**
 * The bytes again; null when they were sealed under another secret, are not whole, or come to more than `maxBytes`: who can
 * write to the cache can break an answer there, and cannot make one.
 */
export async function openValue(sealed: Buffer, secret: Buffer, maxBytes: number): Promise<Buffer | null> {
  try {
    const nonce = sealed.subarray(0, NONCE_BYTES);
    const tag = sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES);
    const decipher = createDecipheriv(CIPHER, secret, nonce, { authTagLength: TAG_BYTES }).setAuthTag(tag);
    const plain = Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
    const body = plain.subarray(1);
    return plain[0] === DEFLATED ? await expand(body, { maxOutputLength: maxBytes }) : body;
  } catch {
    return null;
  }
}
