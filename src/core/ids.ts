import { randomBytes } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 24;

/** Prefixes of every id that clients see; ids of one kind always carry the same one. */
export type IdPrefix = 'req_' | 'att_' | 'key_' | 'proj_' | 'col_' | 'doc_' | 'job_' | 'chunk_' | 'chatcmpl-' | 'inst_';

/** A fresh random id of 120 bits in Crockford base 32, behind its prefix. */
export function newId(prefix: IdPrefix): string {
  let id: string = prefix;
  for (const byte of randomBytes(LENGTH)) {
    id += ALPHABET[byte & 31] ?? '0';
  }
  return id;
}
