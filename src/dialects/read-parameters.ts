import { InvalidRequestError } from '../core/errors/app-error.js';
import type { ErrorCode } from '../core/errors/error-codes.js';
import { asNumber, ExactNumber } from '../core/exact-number.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.js';

type Parameter = JsonValue | undefined;

/** Inclusive limits of a number. */
export interface Range {
  min: number;
  max: number;
}

/** Throws InvalidRequestError for the parameter at `path`. */
export function refuse(code: ErrorCode, path: string, message: string): never {
  throw new InvalidRequestError(code, message, { param: path });
}

/** Throws `missing_required_parameter`. */
export function refuseMissing(path: string): never {
  return refuse('missing_required_parameter', path, `\`${path}\` is missing. Send it.`);
}

/** Throws `invalid_type`, saying what was expected and what came. */
export function refuseType(path: string, expected: string, value: Parameter): never {
  return refuse('invalid_type', path, `\`${path}\` must be ${expected}, not ${describeType(value)}.`);
}

/** A text; undefined when absent or null. */
export function readString(value: Parameter, path: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : refuseType(path, 'a string', value);
}

/** A text that must be there; it may be empty. */
export function requireString(value: Parameter, path: string): string {
  if (value === undefined) return refuseMissing(path);
  return typeof value === 'string' ? value : refuseType(path, 'a string', value);
}

export function readBoolean(value: Parameter, path: string): boolean | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'boolean' ? value : refuseType(path, 'true or false', value);
}

export function readNumber(value: Parameter, path: string, range: Range): number | undefined {
  if (value === undefined || value === null) return undefined;
  const number = asNumber(value);
  return number === undefined ? refuseType(path, 'a number', value) : checkRange(number, path, range);
}

export function readInteger(value: Parameter, path: string, range: Range): number | undefined {
  if (value === undefined || value === null) return undefined;
  const number = asNumber(value);
  if (number === undefined) return refuseType(path, 'an integer', value);
  if (Number.isFinite(number) && !Number.isInteger(number)) {
    return refuse('invalid_value', path, `\`${path}\` must be a whole number.`);
  }
  return checkRange(number, path, range);
}

export function readObject(value: Parameter, path: string): JsonObject | undefined {
  if (value === undefined || value === null) return undefined;
  return isJsonObject(value) ? value : refuseType(path, 'an object', value);
}

export function requireObject(value: Parameter, path: string): JsonObject {
  if (value === undefined) return refuseMissing(path);
  return isJsonObject(value) ? value : refuseType(path, 'an object', value);
}

/** A list of at most `maxLength` elements; longer ones are `array_too_long`. */
export function readArray(value: Parameter, path: string, maxLength: number): JsonValue[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) return refuseType(path, 'an array', value);
  if (value.length > maxLength) {
    const message = `\`${path}\` has ${String(value.length)} elements; at most ${String(maxLength)} are possible.`;
    return refuse('array_too_long', path, message);
  }
  return value;
}

/** One of a closed set of texts. */
export function readChoice<T extends string>(value: Parameter, path: string, choices: readonly T[]): T | undefined {
  const text = readString(value, path);
  if (text === undefined) return undefined;
  const choice = choices.find((candidate) => candidate === text);
  return choice ?? refuse('invalid_value', path, `\`${path}\` must be one of ${choices.join(', ')}.`);
}

function checkRange(value: number, path: string, range: Range): number {
  if (value >= range.min && value <= range.max) return value;
  const message = `\`${path}\` must be between ${String(range.min)} and ${String(range.max)}.`;
  return refuse('invalid_value', path, message);
}

function describeType(value: Parameter): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (value instanceof ExactNumber) return 'a number';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
