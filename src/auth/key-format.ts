import { createHash, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { newId } from '../core/ids.js';

const BASE_62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ID_PREFIX = 'key_';
/** 62^32 is more than 2^190. */
const SECRET_LENGTH = 32;
/** 62^6 is more than 2^32. */
const CHECKSUM_LENGTH = 6;
const OWN_PREFIX = 'tl_';
const OWN_SHAPE = /^tl_([0-9A-HJKMNP-TV-Z]{24})_[0-9A-Za-z]{38}$/;

/** What a key says by itself: one of ours with its id; one that only looks like ours; or one of any other shape. */
export type KeyReading = { kind: 'ours'; id: string } | { kind: 'damaged' } | { kind: 'foreign' };

/** A key `tl_<id>_<secret><crc32>` with a fresh secret of 190 bits, and the id of its row: a new one, or the one given. */
export function issueKey(id: string = newId(ID_PREFIX)): { id: string; key: string } {
  let body = `${OWN_PREFIX}${id.slice(ID_PREFIX.length)}_`;
  for (let count = 0; count < SECRET_LENGTH; count += 1) body += BASE_62.charAt(randomInt(BASE_62.length));
  return { id, key: body + checksumOf(body) };
}

/** Reads a key's shape and checksum, without knowing whether it exists. */
export function readKey(key: string): KeyReading {
  if (!key.startsWith(OWN_PREFIX)) return { kind: 'foreign' };
  const id = OWN_SHAPE.exec(key)?.[1];
  const body = key.slice(0, -CHECKSUM_LENGTH);
  if (id === undefined || key.slice(-CHECKSUM_LENGTH) !== checksumOf(body)) return { kind: 'damaged' };
  return { kind: 'ours', id: ID_PREFIX + id };
}

/** What is kept of a key: SHA-256 of its bytes, which is enough for a secret of this entropy. */
export function digestKey(key: Buffer): Buffer {
  return createHash('sha256').update(key).digest();
}

function checksumOf(text: string): string {
  let rest = crc32(text);
  let checksum = '';
  for (let count = 0; count < CHECKSUM_LENGTH; count += 1) {
    checksum = BASE_62.charAt(rest % BASE_62.length) + checksum;
    rest = Math.floor(rest / BASE_62.length);
  }
  return checksum;
}
