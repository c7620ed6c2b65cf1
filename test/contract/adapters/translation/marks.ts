import { ExactNumber } from '../../../../src/core/exact-number.js';
import { isJsonObject, type JsonValue } from '../../../../src/core/json.js';

/** What the gateway found at the URL of an image. */
export const FETCHED = { mediaType: 'image/png', data: 'ZmV0Y2hlZA==' };

/** The same of a document. */
export const FETCHED_PAPER = { kind: 'base64' as const, mediaType: 'application/pdf', data: 'ZmV0Y2hlZA==' };

const MARK = /mk[-_][\w-]*\w|JVBERi\w+|iVBORw\w+|UklGR\w+/g;
const URL_MARK = /^mk-(?:image|paper)$/;
/** Shorter numbers stand in a body for many reasons. */
const LEAST_DIGITS = 3;

/** The words and numbers of a request by which it is known again, whatever it is put into. */
export function marksOf(value: JsonValue | undefined): Set<string> {
  const marks = new Set<string>();
  visit(value, marks);
  return marks;
}

/** The marks of `before` that `after` has lost; what was fetched stands for its URL. */
export function lostMarks(before: JsonValue, after: JsonValue): string[] {
  const text = JSON.stringify(after);
  const kept = marksOf(after);
  return [...marksOf(before)].filter(
    (mark) => !kept.has(mark) && !text.includes(mark) && !(URL_MARK.test(mark) && text.includes(FETCHED.data)),
  );
}

function visit(value: JsonValue | undefined, marks: Set<string>): void {
  if (typeof value === 'string') {
    for (const [mark] of value.matchAll(MARK)) marks.add(mark);
  } else if (typeof value === 'number' || value instanceof ExactNumber) {
    if (String(value).replaceAll(/\D/g, '').length >= LEAST_DIGITS) marks.add(String(value));
  } else if (Array.isArray(value)) {
    for (const element of value) visit(element, marks);
  } else if (isJsonObject(value)) {
    for (const [key, member] of Object.entries(value)) {
      visit(key, marks);
      visit(member, marks);
    }
  }
}
