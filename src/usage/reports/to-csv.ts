// What spreadsheets take for the beginning of a formula, also behind blanks and in full width.
const FORMULA = /^[\s\u00a0]*[=+\-@|%\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/;
// The same behind what ends a cell where another character than the comma does.
const INNER_FORMULA = /(?<=[;\t\r\n])(?=[\s\u00a0]*[=+\-@|%\uff1d\uff0b\uff0d\uff20])/g;
const NEEDS_QUOTES = /[",\r\n]/;

/** A cell: numbers go as they are, texts are made safe. */
export type CsvCell = string | number;

/**
 * A table as RFC 4180 has it, lines ended by CRLF. Texts that a spreadsheet would run as a formula get an apostrophe in
 * front, also behind a semicolon or a tab, which end a cell in some countries; numbers must come as numbers or as texts of digits, which stay what they are.
 */
export function toCsv(header: readonly string[], rows: readonly (readonly CsvCell[])[]): string {
  return [header, ...rows].map((row) => `${row.map(toCell).join(',')}\r\n`).join('');
}

function toCell(cell: CsvCell): string {
  if (typeof cell === 'number') return String(cell);
  const inner = cell.replace(INNER_FORMULA, "'");
  const text = FORMULA.test(cell) ? `'${inner}` : inner;
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
