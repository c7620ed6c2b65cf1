import { InvalidRequestError } from '../../core/errors/app-error.js';
import { isJsonObject, type JsonValue } from '../../core/json.js';

/** A text that cannot be stored: why, and the way to it from the inside out. */
interface Fault {
  readonly kind: 'nul' | 'half-pair';
  readonly way: (string | number)[];
}

/** Throws InvalidRequestError with the path of the first text or key that holds NUL or half a surrogate pair. Not for what is nested without bounds. */
export function checkStrings(root: JsonValue): void {
  const fault = faultIn(root);
  if (fault === null) return;
  const path = toPath(fault.way.reverse());
  const options = { param: path === '' ? undefined : path };
  if (fault.kind === 'nul') {
    throw new InvalidRequestError(
      'invalid_character',
      'Text must not contain the character U+0000. Remove it.',
      options,
    );
  }
  const message = 'Text contains half of a surrogate pair. Send whole characters.';
  throw new InvalidRequestError('invalid_unicode', message, options);
}

// Millions of values may be looked at, so that the way is noted only on the way back from what is wrong.
function faultIn(value: JsonValue | undefined): Fault | null {
  if (typeof value === 'string') return faultOf(value);
  if (Array.isArray(value)) return faultOfElement(value);
  return isJsonObject(value) ? faultOfMember(value) : null;
}

function faultOfElement(list: readonly JsonValue[]): Fault | null {
  for (let index = 0; index < list.length; index++) {
    const element = list[index];
    if (typeof element === 'number') continue;
    const fault = faultIn(element);
    if (fault) return from(fault, index);
  }
  return null;
}

function faultOfMember(object: Record<string, JsonValue | undefined>): Fault | null {
  for (const key of Object.keys(object)) {
    const own = faultOf(key);
    if (own) return own;
    const fault = faultIn(object[key]);
    if (fault) return from(fault, key);
  }
  return null;
}

function faultOf(text: string): Fault | null {
  if (text.includes('\0')) return { kind: 'nul', way: [] };
  return text.isWellFormed() ? null : { kind: 'half-pair', way: [] };
}

function from(fault: Fault, step: string | number): Fault {
  fault.way.push(step);
  return fault;
}

function toPath(way: readonly (string | number)[]): string {
  return way.reduce<string>((path, step) => {
    if (typeof step === 'number') return `${path}[${String(step)}]`;
    return path === '' ? step : `${path}.${step}`;
  }, '');
}
