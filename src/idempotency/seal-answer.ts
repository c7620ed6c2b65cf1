import { promisify } from 'node:util';
import { constants, deflateRaw, inflateRaw } from 'node:zlib';
import { decrypt, encrypt } from '../core/authenticated-cipher.js';
import type { KeptHead } from './answer-relay.js';
import type { KeySecrets } from './idempotency-key.js';

/** An answer as it was given. */
export interface KeptAnswer {
  readonly head: KeptHead;
  readonly body: Buffer;
}

const LENGTH_BYTES = 4;

const compress = promisify(deflateRaw);
const expand = promisify(inflateRaw);

/** The answer, compressed and encrypted under a secret that only the client's key gives (AES-256-GCM). */
export async function sealAnswer({ head, body }: KeptAnswer, { answerSecret }: KeySecrets): Promise<Buffer> {
  const headBytes = Buffer.from(JSON.stringify(head));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(headBytes.length);
  const plain = await compress(Buffer.concat([length, headBytes, body]), { level: constants.Z_BEST_SPEED });
  return encrypt(plain, answerSecret);
}

/** The answer again. Rejects when the secret is another one or a byte was changed. */
export async function openAnswer(sealed: Buffer, { answerSecret }: KeySecrets): Promise<KeptAnswer> {
  const plain = await expand(decrypt(sealed, answerSecret));
  const bodyAt = LENGTH_BYTES + plain.readUInt32BE();
  const head = JSON.parse(plain.toString('utf8', LENGTH_BYTES, bodyAt)) as KeptHead;
  return { head, body: plain.subarray(bodyAt) };
}
