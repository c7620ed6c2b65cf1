import { InvalidRequestError } from '../../../core/errors/app-error.js';
import { type FilterField, type FilterValue, TEXT_FIELDS } from './filter.js';

const METADATA = 'metadata.';
const MAX_NAME_CHARACTERS = 200;
const MAX_KEYS = 8;
const MAX_TEXT_CHARACTERS = 2_000;
/** A date, or a date with a time that may have a zone, as RFC 3339 writes them. */
const TIME = /^\d{4}-\d{2}-\d{2}(?:[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:[Zz]|[+-]\d{2}:\d{2})?)?$/;
const FOUR_DIGIT_YEAR = /^(?!0000)\d{4}-/;

/** The field of this name. Throws `invalid_value` with the path. */
export function parseField(name: unknown, path: string): FilterField {
  const isName = typeof name === 'string' && name.length <= MAX_NAME_CHARACTERS;
  if (isName && name.startsWith(METADATA)) {
    const keys = name.slice(METADATA.length).split('.');
    if (keys.length <= MAX_KEYS && keys.every((key) => key !== '')) return { kind: 'metadata', path: keys };
  }
  const text = TEXT_FIELDS.find((field) => field === name);
  if (text !== undefined) return { kind: 'text', name: text };
  if (name === 'created_at') return { kind: 'time', name };
  throw wrong(path, `must name a field: metadata.KEY, ${TEXT_FIELDS.join(', ')} or created_at`);
}

/** The value, which fits the field; times as RFC 3339 in UTC. Throws `invalid_value` with the path. */
export function checkValue(field: FilterField, value: unknown, path: string): FilterValue {
  if (typeof value === 'string' && value.length > MAX_TEXT_CHARACTERS) {
    throw wrong(path, `must have at most ${String(MAX_TEXT_CHARACTERS)} characters`);
  }
  if (field.kind === 'time') return toTime(value, path);
  if (field.kind === 'text') {
    if (typeof value === 'string') return value;
    throw wrong(path, `must be a text, as \`${field.name}\` is`);
  }
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw wrong(path, 'must be a text, a number, true, false or null');
}

function toTime(value: unknown, path: string): string {
  // Without a zone a time is UTC, wherever the server stands.
  const text = typeof value === 'string' && TIME.test(value) ? value.replace(' ', 'T').toUpperCase() : '';
  const hasZone = /[Z]|[+-]\d{2}:\d{2}$/.test(text.slice(10));
  const time = new Date(text.length > 10 && !hasZone ? `${text}Z` : text);
  // Days that a month does not have would silently become others, and the database knows no year 0 and none written with a sign.
  if (Number.isNaN(time.getTime()) || !isCalendarDay(text) || !FOUR_DIGIT_YEAR.test(time.toISOString())) {
    throw wrong(path, 'must be a date or a time as RFC 3339 writes it, such as "2026-01-31" or "2026-01-31T08:00:00Z"');
  }
  return time.toISOString();
}

function isCalendarDay(text: string): boolean {
  const day = text.slice(0, 10);
  const time = new Date(day);
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(day);
}

function wrong(path: string, what: string): InvalidRequestError {
  return new InvalidRequestError('invalid_value', `\`${path}\` ${what}.`, { param: path });
}
