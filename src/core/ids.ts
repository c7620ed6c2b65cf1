import { randomFillSync } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 24;
// Asking the system for random bytes costs the same for many as for few.
const POOL = Buffer.alloc(LENGTH * 256);
let used = POOL.length;

/** Prefixes of every id that clients see; ids of one kind always carry the same one. */
export type IdPrefix = 'req_' | 'att_' | 'key_' | 'proj_' | 'col_' | 'doc_' | 'job_' | 'chunk_' | 'chatcmpl-' | 'inst_';

/** A fresh random id of 120 bits in Crockford base 32, behind its prefix. */
export function newId(prefix: IdPrefix): string {
  if (used === POOL.length) {
    randomFillSync(POOL);
    used = 0;
  }
  let id: string = prefix;
  const end = used + LENGTH;
  for (; used < end; used += 1) id += ALPHABET.charAt((POOL[used] ?? 0) & 31);
  return id;
}
