import { isUtf8 } from 'node:buffer';
import { AppError, InvalidRequestError } from '../../core/errors/app-error.js';
import { parseExactJson } from '../../core/exact-json.js';
import type { JsonValue } from '../../core/json.js';
import { checkStrings } from './check-strings.js';
import { excessOf } from './json-depth.js';

const MAX_DEPTH = 64;
// What takes long to parse is not a long body but one of many parts: so many take less than 200 ms, whatever they are.
const MAX_PARTS = 1_300_000;
const PARTS = '1,250,000 numbers, 250,000 texts or 125,000 names';
// Each costs as much as ten others.
const MAX_EXACT_NUMBERS = 20_000;
const BYTE_ORDER_MARK = '\ufeff';
// Raw control characters are no valid JSON and raw bytes were checked, so both can only come in as escapes.
const SUSPICIOUS_ESCAPE = /\\u(?:0000|[dD][89a-fA-F])/;

/**
 * Parses JSON strictly. Throws InvalidRequestError: `invalid_utf8`, `nesting_too_deep` (more than 64 levels),
 * `array_too_long` or `request_too_large` (more than some 1,250,000 numbers, 250,000 texts or 125,000 names, or 20,000 numbers
 * that a double would round), `invalid_json`, and for texts that no database can store `invalid_character` (NUL) and `invalid_unicode` (half a
 * surrogate pair). Of a key given twice the last one counts. Numbers that a double would round keep their text.
 */
export function parseJson(bytes: Buffer): JsonValue {
  if (!isUtf8(bytes)) throw new InvalidRequestError('invalid_utf8', 'The body is not valid UTF-8.');
  let text = bytes.toString('utf8');
  if (text.startsWith(BYTE_ORDER_MARK)) text = text.slice(1);
  const excess = excessOf(text, MAX_DEPTH, MAX_PARTS);
  if (excess === 'depth') {
    throw new InvalidRequestError('nesting_too_deep', `The body is nested deeper than ${String(MAX_DEPTH)} levels.`);
  }
  if (excess === 'elements') {
    const message = `A list in the body is too long: at most ${PARTS} can be read at once.`;
    throw new InvalidRequestError('array_too_long', message);
  }
  if (excess === 'parts') throw tooMany(PARTS);
  const value = parse(text);
  if (SUSPICIOUS_ESCAPE.test(text)) checkStrings(value);
  return value;
}

function parse(text: string): JsonValue {
  try {
    return parseExactJson(text, MAX_EXACT_NUMBERS);
  } catch (error) {
    if (error instanceof RangeError)
      throw tooMany(`${String(MAX_EXACT_NUMBERS)} numbers of more digits than a double has`);
    const position = /position (\d+)/.exec((error as Error).message)?.[1];
    const place = position === undefined ? '' : `, near character ${position}`;
    throw new InvalidRequestError('invalid_json', `The body is not valid JSON${place}.`);
  }
}

function tooMany(what: string): AppError {
  return new AppError('request_too_large', `The body has more than ${what}. Send less at once.`);
}
