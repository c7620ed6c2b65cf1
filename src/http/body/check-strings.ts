import { InvalidRequestError } from '../../core/errors/app-error.js';
import { isJsonObject, type JsonValue } from '../../core/json.js';

interface Item {
  value: JsonValue | undefined;
  path: string;
}

/** Throws InvalidRequestError with the path of the first text or key that holds NUL or half a surrogate pair. */
export function checkStrings(root: JsonValue): void {
  const pending: Item[] = [{ value: root, path: '' }];
  for (let item = pending.pop(); item; item = pending.pop()) {
    const { value, path } = item;
    if (typeof value === 'string') checkString(value, path);
    else if (Array.isArray(value)) {
      value.forEach((element, index) => pending.push({ value: element, path: `${path}[${String(index)}]` }));
    } else if (isJsonObject(value)) addMembers(value, path, pending);
  }
}

function addMembers(value: Record<string, JsonValue | undefined>, path: string, pending: Item[]): void {
  for (const [key, member] of Object.entries(value)) {
    checkString(key, path);
    pending.push({ value: member, path: path === '' ? key : `${path}.${key}` });
  }
}

function checkString(text: string, path: string): void {
  const param = path === '' ? undefined : path;
  if (text.includes('\0')) {
    throw new InvalidRequestError('invalid_character', 'Text must not contain the character U+0000. Remove it.', {
      param,
    });
  }
  if (!text.isWellFormed()) {
    throw new InvalidRequestError('invalid_unicode', 'Text contains half of a surrogate pair. Send whole characters.', {
      param,
    });
  }
}
