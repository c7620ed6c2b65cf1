import { exceedsDepth } from '../../../http/body/json-depth.js';
import { isJsonObject, type JsonValue } from '../../../core/json.js';
import { DocumentParseError } from '../document-parse-error.js';
import type { ParsedDocument } from '../parsed-document.js';
import { decodeText } from './decode-text.js';
import { renderRecord } from './render-record.js';
import { TextBuilder } from './text-builder.js';

const MAX_DEPTH = 100;

/** JSON, or one JSON value a line, as records with a blank line between them. */
export function readJson(bytes: Buffer): ParsedDocument {
  return renderJson(parseJsonText(decodeText(bytes)));
}

/** The same for text that may be something else altogether: null when it is. */
export function readJsonIfValid(text: string): ParsedDocument | null {
  if (!/^\s*[{[]/.test(text.slice(0, 1_000))) return null;
  try {
    return renderJson(parseJsonText(text));
  } catch (error) {
    if (error instanceof DocumentParseError && error.code === 'document_parse_failed') return null;
    throw error;
  }
}

function renderJson(records: readonly JsonValue[]): ParsedDocument {
  const text = new TextBuilder();
  for (const record of records) {
    const lines = renderRecord(record);
    if (lines.length === 0) continue;
    if (text.length > 0) text.append('\n\n');
    text.append(lines.join('\n'));
  }
  return { text: text.toString(), format: 'json', title: null, pages: null };
}

function parseJsonText(text: string): readonly JsonValue[] {
  if (exceedsDepth(text, MAX_DEPTH)) {
    throw new DocumentParseError('document_too_complex', `The JSON is nested deeper than ${String(MAX_DEPTH)} levels.`);
  }
  const whole = tryParse(text);
  return whole === undefined ? parseLines(text) : recordsOf(whole);
}

// What is a list of records is one document of many records; an object is one record, unless all it holds is such a list.
function recordsOf(value: JsonValue): readonly JsonValue[] {
  if (Array.isArray(value)) return value;
  if (!isJsonObject(value)) return [value];
  const members = Object.values(value);
  const [only] = members;
  return members.length === 1 && Array.isArray(only) ? only : [value];
}

function parseLines(text: string): JsonValue[] {
  const records: JsonValue[] = [];
  let [start, line] = [0, 1];
  while (start < text.length) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    const content = text.slice(start, end).trim();
    const record = content === '' ? null : tryParse(content);
    if (record === undefined) {
      const place = records.length === 0 ? 'not valid JSON' : `not valid JSON in line ${String(line)}`;
      throw new DocumentParseError('document_parse_failed', `The file is ${place}.`);
    }
    if (content !== '') records.push(record);
    start = end + 1;
    line += 1;
  }
  return records;
}

function tryParse(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}
