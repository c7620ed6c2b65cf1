import { isUtf8 } from 'node:buffer';
import { InvalidRequestError } from '../../core/errors/app-error.js';
import { parseExactJson } from '../../core/exact-json.js';
import type { JsonValue } from '../../core/json.js';
import { checkStrings } from './check-strings.js';
import { exceedsDepth } from './json-depth.js';

const MAX_DEPTH = 64;
const BYTE_ORDER_MARK = '\ufeff';
// Raw control characters are no valid JSON and raw bytes were checked, so both can only come in as escapes.
const SUSPICIOUS_ESCAPE = /\\u(?:0000|[dD][89a-fA-F])/;

/**
 * Parses JSON strictly. Throws InvalidRequestError: `invalid_utf8`, `nesting_too_deep` (more than 64 levels),
 * `invalid_json`, and for texts that no database can store `invalid_character` (NUL) and `invalid_unicode` (half a
 * surrogate pair). Of a key given twice the last one counts. Numbers that a double would round keep their text.
 */
export function parseJson(bytes: Buffer): JsonValue {
  if (!isUtf8(bytes)) throw new InvalidRequestError('invalid_utf8', 'The body is not valid UTF-8.');
  let text = bytes.toString('utf8');
  if (text.startsWith(BYTE_ORDER_MARK)) text = text.slice(1);
  if (exceedsDepth(text, MAX_DEPTH)) {
    throw new InvalidRequestError('nesting_too_deep', `The body is nested deeper than ${String(MAX_DEPTH)} levels.`);
  }
  const value = parse(text);
  if (SUSPICIOUS_ESCAPE.test(text)) checkStrings(value);
  return value;
}

function parse(text: string): JsonValue {
  try {
    return parseExactJson(text);
  } catch (error) {
    const position = /position (\d+)/.exec((error as Error).message)?.[1];
    const place = position === undefined ? '' : `, near character ${position}`;
    throw new InvalidRequestError('invalid_json', `The body is not valid JSON${place}.`);
  }
}
