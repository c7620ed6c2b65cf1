import { randomFillSync } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 24;
// Asking the system for random bytes costs the same for many as for few.
const POOL = Buffer.alloc(LENGTH * 256);
const CODES = Buffer.from(ALPHABET, 'latin1');
let used = POOL.length;

/** Prefixes of every id that clients see; ids of one kind always carry the same one. */
export type IdPrefix =
  | 'req_'
  | 'att_'
  | 'key_'
  | 'proj_'
  | 'col_'
  | 'doc_'
  | 'upl_'
  | 'job_'
  | 'chunk_'
  | 'chatcmpl-'
  | 'cmpl-'
  | 'inst_'
  | 'aud_'
  | 'bud_'
  | 'tool_'
  | 'wh_'
  | 'whd_'
  | 'evt_'
  | 'claim_'
  | 'conv_'
  | 'msg_'
  | 'resp_'
  | 'rs_'
  | 'fc_'
  | 'fco_'
  | 'ctc_'
  | 'ctco_'
  | 'item_'
  | 'file-'
  | 'batch_'
  | 'batch_req_';

/** A fresh random id of 120 bits in Crockford base 32, behind its prefix. */
export function newId(prefix: IdPrefix): string {
  if (used === POOL.length) {
    randomFillSync(POOL);
    for (let index = 0; index < POOL.length; index += 1) POOL[index] = CODES[(POOL[index] ?? 0) & 31] ?? 0;
    used = 0;
  }
  used += LENGTH;
  return prefix + POOL.toString('latin1', used - LENGTH, used);
}
