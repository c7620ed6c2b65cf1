import { BlockWriter, type TextTarget } from './block-writer.js';

/** Text that is put together in memory; a cell's. */
class CellText implements TextTarget {
  #text = '';

  get length(): number {
    return this.#text.length;
  }

  append(part: string): void {
    this.#text += part;
  }

  toString(): string {
    return this.#text;
  }
}

/** A table as it is read: what its cells say, row by row. */
export class HtmlTable {
  readonly #rows: CellText[][] = [];

  startRow(): void {
    this.#rows.push([]);
  }

  /** A writer for the next cell of the row. */
  startCell(): BlockWriter {
    if (this.#rows.length === 0) this.startRow();
    const cell = new CellText();
    this.#rows.at(-1)?.push(cell);
    return new BlockWriter(cell);
  }

  /** A table of lines of text as Markdown has them; anything else was made for its layout, and its cells become blocks. */
  writeTo(writer: BlockWriter): void {
    const rows = this.#rows.map((row) => row.map(String)).filter((row) => row.some((cell) => cell !== ''));
    const isData =
      rows.every((row) => row.every((cell) => !cell.includes('\n\n'))) && rows.some((row) => row.length > 1);
    writer.break(2);
    if (!isData) {
      for (const cell of rows.flat()) {
        writer.break(2);
        writer.verbatim(cell);
      }
    } else {
      const [head = [], ...rest] = rows;
      const lines = [head, head.map(() => '---'), ...rest].map(toLine);
      writer.verbatim(lines.join('\n'));
    }
    writer.break(2);
  }
}

function toLine(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replace(/\s*\n\s*/g, ' ').replaceAll('|', '\\|')).join(' | ')} |`;
}
