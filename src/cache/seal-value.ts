import { promisify } from 'node:util';
import { constants, deflateRaw, inflateRaw } from 'node:zlib';
import { decrypt, encrypt } from '../core/authenticated-cipher.js';

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
  return encrypt(Buffer.concat([Buffer.of(isLong ? DEFLATED : PLAIN), body]), secret);
}

/**
 * The bytes again; null when they were sealed under another secret, are not whole, or come to more than `maxBytes`: who can
 * write to the cache can break an answer there, and cannot make one.
 */
export async function openValue(sealed: Buffer, secret: Buffer, maxBytes: number): Promise<Buffer | null> {
  try {
    const plain = decrypt(sealed, secret);
    const body = plain.subarray(1);
    return plain[0] === DEFLATED ? await expand(body, { maxOutputLength: maxBytes }) : body;
  } catch {
    return null;
  }
}
