import { parse, CsvError } from 'csv-parse';
import { DocumentParseError } from '../document-parse-error.js';
import type { ParsedDocument } from '../parsed-document.js';
import { decodeText } from './decode-text.js';
import { TextBuilder } from './text-builder.js';

const DELIMITERS = [',', ';', '\t', '|'] as const;
const MAX_COLUMNS = 2_000;
const MAX_RECORD_CHARACTERS = 1_000_000;
const WRITE_CHARACTERS = 64 * 1024;
const HEAD_CHARACTERS = 10_000;

/**
 * A table as records with a blank line between them, each cell a line of `column: value`. The first row gives the names of the
 * columns unless it looks like data. Throws `document_too_complex` for rows of too many cells or characters.
 */
export async function readCsv(bytes: Buffer): Promise<ParsedDocument> {
  const text = decodeText(bytes);
  const builder = new TextBuilder();
  let names: string[] | null = null;
  for await (const row of rowsOf(text)) {
    if (row.length > MAX_COLUMNS) {
      throw new DocumentParseError('document_too_complex', `The table has more than ${String(MAX_COLUMNS)} columns.`);
    }
    if (names === null) {
      names = isHeader(row) ? row.map((name) => name.trim()) : [];
      if (names.length > 0) continue;
    }
    addRecord(builder, names, row);
  }
  // A header alone is all that the file says.
  if (builder.length === 0 && names !== null) builder.append(names.join(', '));
  return { text: builder.toString(), format: 'csv', title: null, pages: null };
}

async function* rowsOf(text: string): AsyncGenerator<string[]> {
  const parser = parse({
    delimiter: delimiterOf(text.slice(0, HEAD_CHARACTERS)),
    bom: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: MAX_RECORD_CHARACTERS,
  });
  feed(parser, text).catch(() => undefined);
  try {
    for await (const row of parser) yield row as string[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    if (error.code === 'CSV_MAX_RECORD_SIZE') {
      const message = `A row of the table has more than ${String(MAX_RECORD_CHARACTERS)} characters; perhaps a quote is never closed.`;
      throw new DocumentParseError('document_too_complex', message, { cause: error });
    }
    const message = 'The table cannot be read: a row of it is malformed.';
    throw new DocumentParseError('document_parse_failed', message, { cause: error });
  }
}

async function feed(parser: ReturnType<typeof parse>, text: string): Promise<void> {
  for (let from = 0; from < text.length; from += WRITE_CHARACTERS) {
    if (parser.destroyed) return;
    if (parser.write(text.slice(from, from + WRITE_CHARACTERS))) continue;
    await new Promise((resolve) => parser.once('drain', resolve).once('close', resolve));
  }
  parser.end();
}

/** The delimiter that cuts the first lines most evenly: the one of which every line has the same number, and the most of it. */
function delimiterOf(head: string): string {
  const lines = head
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(0, 10);
  // The last line may be cut off.
  if (lines.length > 1) lines.pop();
  let [best, bestScore]: [string, number] = [',', 0];
  for (const delimiter of DELIMITERS) {
    const counts = lines.map((line) => line.replace(/"[^"]*"/g, '').split(delimiter).length - 1);
    const score = Math.min(...counts) * 1_000 + Math.max(...counts);
    if (score > bestScore) [best, bestScore] = [delimiter, score];
  }
  return best;
}

function isHeader(row: readonly string[]): boolean {
  const names = row.map((cell) => cell.trim());
  const isNamed = names.every((name) => name !== '' && name.length <= 200 && !/^[-+]?[\d.,]+%?$/.test(name));
  return isNamed && new Set(names).size === names.length;
}

function addRecord(builder: TextBuilder, names: readonly string[], row: readonly string[]): void {
  const lines: string[] = [];
  row.forEach((cell, index) => {
    const value = cell.trim().replace(/\n\s*\n/g, '\n');
    if (value === '') return;
    lines.push(
      row.length === 1 && names.length === 0 ? value : `${names[index] ?? `Column ${String(index + 1)}`}: ${value}`,
    );
  });
  if (lines.length === 0) return;
  if (builder.length > 0) builder.append('\n\n');
  builder.append(lines.join('\n'));
}
