import { AppError } from '../core/errors/app-error.js';

const HOW_TO_SEND = 'Send one key, as `Authorization: Bearer KEY` or as `X-API-Key: KEY`.';

/**
 * The key that a request carries, from its headers as they came in (name, value, name, value, ...). Throws
 * `missing_api_key` when there is none, `ambiguous_credentials` when there are several, and `invalid_api_key` for another
 * scheme than Bearer.
 */
export function readCredentials(rawHeaders: readonly string[]): string {
  const bearer = bearerOf(onlyValueOf(rawHeaders, 'authorization'));
  const apiKey = onlyValueOf(rawHeaders, 'x-api-key');
  if (bearer !== apiKey && bearer !== '' && apiKey !== '') throw ambiguous();
  if (bearer === null) throw invalidApiKey();
  const key = bearer || apiKey;
  if (key === '') throw new AppError('missing_api_key', `No API key was given. ${HOW_TO_SEND}`);
  return key;
}

/** The refusal of every key that is unknown, revoked, expired or of a disabled project: nobody can tell which. */
export function invalidApiKey(): AppError {
  return new AppError('invalid_api_key', `The API key is not valid. ${HOW_TO_SEND}`);
}

function ambiguous(): AppError {
  return new AppError('ambiguous_credentials', `More than one credential was given. ${HOW_TO_SEND}`);
}

// Empty when no credential was given, null when it is not a bearer's.
function bearerOf(authorization: string): string | null {
  if (authorization === '') return '';
  const match = /^bearer(?:[ \t]+(.*))?$/i.exec(authorization);
  return match ? (match[1] ?? '').trim() : null;
}

// Node keeps only the first of several Authorization headers, so the parsed headers cannot tell.
function onlyValueOf(rawHeaders: readonly string[], name: string): string {
  let only: string | null = null;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() !== name) continue;
    if (only !== null) throw ambiguous();
    only = rawHeaders[index + 1]?.trim() ?? '';
  }
  return only ?? '';
}
