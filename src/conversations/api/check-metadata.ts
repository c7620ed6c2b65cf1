import { InvalidRequestError } from '../../core/errors/app-error.js';
import type { JsonObject } from '../../core/json.js';

const MOST_KEYS = 16;
const LONGEST_KEY = 64;
const LONGEST_VALUE = 512;

/** Throws `invalid_metadata` for anything but up to 16 pairs of texts with keys of 64 and values of 512 characters. */
export function checkMetadata(metadata: JsonObject): void {
  const pairs = Object.entries(metadata);
  if (pairs.length > MOST_KEYS) refuse('metadata', `\`metadata\` must have at most ${String(MOST_KEYS)} keys.`);
  for (const [key, value] of pairs) {
    const path = `metadata.${key.slice(0, LONGEST_KEY)}`;
    if (key.length > LONGEST_KEY) refuse(path, `\`${path}\`: keys have at most ${String(LONGEST_KEY)} characters.`);
    if (typeof value !== 'string' || value.length > LONGEST_VALUE) {
      refuse(path, `\`${path}\` must be a text of at most ${String(LONGEST_VALUE)} characters.`);
    }
  }
}

function refuse(param: string, message: string): never {
  throw new InvalidRequestError('invalid_metadata', message, { param });
}
