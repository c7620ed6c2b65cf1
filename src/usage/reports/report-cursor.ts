import { AppError } from '../../core/errors/app-error.js';

/** Where a page ended, as a text that clients hand back unread. */
export function toCursor(values: readonly string[]): string {
  return Buffer.from(JSON.stringify(values)).toString('base64url');
}

/** What `toCursor` was given; throws `invalid_cursor` for anything that is not `length` values. */
export function fromCursor(cursor: string, length: number): string[] {
  let values: unknown;
  try {
    values = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    values = null;
  }
  if (Array.isArray(values) && values.length === length && length > 0 && values.every(isText)) return values;
  throw new AppError(
    'invalid_cursor',
    '`after` is not the `next_after` of a page of this report. Ask with the same `group_by` as for that page.',
    { param: 'after' },
  );
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && !value.includes('\0');
}
