import { InvalidRequestError } from '../../core/errors/app-error.js';

const MAX_CHARACTERS = 255;
// Control characters, and those that turn the direction of text around, behind which another ending hides.
const MISLEADING = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069\u061c]/gu;

/**
 * A file's name without its folders and without what would mislead a reader; it names the document and no file of ours.
 * Throws `invalid_filename` when nothing is left of it.
 */
export function cleanFileName(name: string): string {
  const last = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
  const clean = last.toWellFormed().replace(MISLEADING, '').trim();
  if (name.includes('\0') || clean === '' || clean === '.' || clean === '..') {
    throw new InvalidRequestError(
      'invalid_filename',
      'A file of the form has no usable name. Name it, like `notes.md`.',
    );
  }
  if (clean.length <= MAX_CHARACTERS) return clean;
  // What is after the last dot says what the file is.
  const ending = /\.[^.]{1,10}$/.exec(clean)?.[0] ?? '';
  return `${clean.slice(0, MAX_CHARACTERS - ending.length)}${ending}`.toWellFormed();
}
