const NEWLINE = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;
const BYTE_ORDER_MARK = Buffer.from('\ufeff');

/** A line of a file. */
export interface FileLine {
  /** Counted from 1, empty lines included. */
  readonly number: number;
  /** Without its end; null when it is longer than lines may be. */
  readonly bytes: Buffer | null;
}

/**
 * The lines of a file that are not blank, without the blanks before them. Takes a mark of UTF-8 at the beginning, both ends of lines and none at the end.
 * Nothing longer than `mostBytes` is kept of a line.
 */
export async function* splitLines(parts: AsyncIterable<Buffer>, mostBytes: number): AsyncGenerator<FileLine> {
  const line = new LineBuffer(mostBytes);
  let number = 1;
  for await (const part of parts) {
    for (let start = 0; start < part.length;) {
      // A file may be nothing but ends of lines, which must not cost more than looking at them.
      while (line.isEmpty && isBlank(part[start])) {
        if (part[start] === NEWLINE) number += 1;
        start += 1;
      }
      const end = part.indexOf(NEWLINE, start);
      line.add(part.subarray(start, end === -1 ? part.length : end));
      if (end === -1) break;
      const taken = line.take(number === 1);
      if (taken === null || taken.length > 0) yield { number, bytes: taken };
      number += 1;
      start = end + 1;
    }
  }
  const last = line.take(number === 1);
  if (last === null || last.length > 0) yield { number, bytes: last };
}

class LineBuffer {
  #pieces: Buffer[] = [];
  #length = 0;

  constructor(private readonly mostBytes: number) {}

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  add(piece: Buffer): void {
    this.#length += piece.length;
    if (this.#length > this.mostBytes) this.#pieces = [];
    else if (piece.length > 0) this.#pieces.push(piece);
  }

  /** The line, empty when it is blank; null when it was too long. */
  take(isFirst: boolean): Buffer | null {
    const isTooLong = this.#length > this.mostBytes;
    const whole = this.#pieces.length === 1 && this.#pieces[0] ? this.#pieces[0] : Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#length = 0;
    return isTooLong ? null : trim(isFirst ? withoutMark(whole) : whole);
  }
}

function withoutMark(line: Buffer): Buffer {
  return line.subarray(0, 3).equals(BYTE_ORDER_MARK) ? line.subarray(3) : line;
}

function trim(line: Buffer): Buffer {
  const end = line.at(-1) === RETURN ? line.length - 1 : line.length;
  const text = line.subarray(0, end);
  return text.every(isBlank) ? text.subarray(0, 0) : text;
}

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === NEWLINE || byte === RETURN || byte === TAB;
}
