import { isJsonObject, type JsonValue } from '../../../core/json.js';

/**
 * One record as lines of `name: value`, nested names joined by dots, lists of plain values on one line. Numbers, texts and
 * truth values as they are; what is null or empty says nothing and is left out.
 */
export function renderRecord(value: JsonValue | undefined, name = ''): string[] {
  const lines: string[] = [];
  addLines(lines, value, name);
  return lines;
}

function addLines(lines: string[], value: JsonValue | undefined, name: string): void {
  if (value === undefined || value === null || value === '') return;
  if (isJsonObject(value)) {
    for (const [key, member] of Object.entries(value)) addLines(lines, member, name === '' ? key : `${name}.${key}`);
  } else if (!Array.isArray(value)) {
    lines.push(toLine(name, String(value)));
  } else if (value.every((item) => typeof item !== 'object')) {
    if (value.length > 0) lines.push(toLine(name, value.join(', ')));
  } else {
    for (const [index, item] of value.entries()) {
      addLines(lines, item, `${name === '' ? 'item' : name}.${String(index + 1)}`);
    }
  }
}

function toLine(name: string, value: string): string {
  // A blank line would end the record.
  const text = value.replace(/\n\s*\n/g, '\n');
  return name === '' ? text : `${name}: ${text}`;
}
