import { InvalidRequestError } from '../core/errors/app-error.js';

const CONTROL_CHARACTER = /[\x00-\x1f\x7f]/;
// Conversion to DTO classes drops these without a word, wherever they stand.
const LOST_NAMES: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
// Conversion compares every name of an object with every other, on the event loop.
const MAX_NAMES = 256;

/** Throws `invalid_id` for a decoded piece of a path with control characters: no id has them, and databases choke on NUL. */
export function checkParameter(value: unknown): void {
  const texts: unknown[] = Array.isArray(value) ? value : [value];
  if (texts.every((text) => typeof text !== 'string' || !CONTROL_CHARACTER.test(text))) return;
  throw new InvalidRequestError('invalid_id', 'The path of the request holds control characters. Check the id in it.');
}

/** Throws `invalid_query` when a name or a value of a query contains NUL. */
export function checkQuery(query: unknown): void {
  for (const [name, value] of Object.entries(query ?? {})) {
    if (!`${name}${String(value)}`.includes('\0')) continue;
    const message = 'The query must not contain the character U+0000. Remove it.';
    throw new InvalidRequestError('invalid_query', message, { param: name.replaceAll('\0', '') });
  }
}

/**
 * Throws for what DTO classes cannot be trusted with: `unknown_parameter` for fields that would get lost on the way, or
 * that pass for known ones because every object inherits something of that name, and `invalid_value` for objects of more
 * than 256 fields.
 */
export function checkNames(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  const inherited = Array.isArray(value) ? undefined : Object.keys(value).find((name) => name in Object.prototype);
  if (inherited !== undefined) refuseName(inherited);
  checkMembers(value, '');
}

function checkMembers(value: object, parent: string): void {
  const members = Object.entries(value);
  if (members.length > MAX_NAMES && !Array.isArray(value)) refuseSize(parent);
  for (const [name, member] of members as [string, unknown][]) {
    const path = parent === '' ? name : `${parent}.${name}`;
    if (LOST_NAMES.has(name)) refuseName(path);
    if (typeof member === 'object' && member !== null) checkMembers(member, path);
  }
}

function refuseName(path: string): never {
  const message = `\`${path}\` is not a parameter of this route. Remove it.`;
  throw new InvalidRequestError('unknown_parameter', message, { param: path, details: [{ path, message }] });
}

function refuseSize(path: string): never {
  const subject = path === '' ? 'The request' : `\`${path}\``;
  const message = `${subject} must have at most ${String(MAX_NAMES)} fields.`;
  throw new InvalidRequestError('invalid_value', message, { param: path === '' ? undefined : path });
}
