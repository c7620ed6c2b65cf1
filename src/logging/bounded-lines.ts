import type { TextSink } from './standard-output.js';

/** Lines that wait for a slow reader take this much memory at most. */
const BUFFER_BYTES = 2 * 1024 * 1024;
/** POSIX' PIPE_BUF on Linux: writes up to it are never mixed with those of other processes on the same pipe. */
const WRITE_BYTES = 4_096;
/** So many lines that are out already are kept in the list before it is shortened. */
const MOST_SPENT = 1_024;

/** Who is told of lines that nobody took. */
export interface LostLines {
  /** So many more lines are lost. */
  lost(lines: number): void;
  /** Everything goes out again, after so many lines were lost. */
  recovered(lines: number): void;
}

/** Lines on their way to a sink that may be slow, stuck or broken: they never wait, and what does not fit is lost and counted. */
export class BoundedLines {
  readonly #sink: TextSink;
  readonly #told: LostLines;
  #lines: string[] = [];
  /** The first line that was not given to the sink. */
  #next = 0;
  #bytes = 0;
  #lost = 0;
  #isBusy = false;
  #whenIdle: (() => void)[] = [];

  constructor(sink: TextSink, told: LostLines) {
    this.#sink = sink;
    this.#told = told;
  }

  /** Takes a line with its line break. */
  write(line: string): void {
    const bytes = Buffer.byteLength(line);
    if (this.#bytes + bytes > BUFFER_BYTES) {
      this.#lose(1);
      return;
    }
    this.#lines.push(line);
    this.#bytes += bytes;
    if (this.#isBusy) return;
    this.#isBusy = true;
    // What else this turn of the event loop has to say goes out with it.
    setImmediate(() => {
      this.#writeNext();
    });
  }

  /** Resolves when everything so far is out or lost, after `withinMs` at the latest. */
  async flush(withinMs: number): Promise<void> {
    if (!this.#isBusy) return;
    let giveUp: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#whenIdle.push(resolve);
      giveUp = setTimeout(resolve, withinMs);
    });
    clearTimeout(giveUp);
  }

  #writeNext(): void {
    const from = this.#next;
    const text = this.#take();
    if (text === '') {
      this.#rest();
      return;
    }
    const lines = this.#next - from;
    this.#sink.write(text, (error) => {
      this.#bytes -= Buffer.byteLength(text);
      if (error) this.#lose(lines);
      this.#shorten();
      if (!error && this.#lines.length === 0) this.#recover();
      this.#writeNext();
    });
  }

  #recover(): void {
    const lost = this.#lost;
    if (lost === 0) return;
    this.#lost = 0;
    this.#told.recovered(lost);
  }

  // At least one line, and as many more as go out in one piece.
  #take(): string {
    let text = this.#lines[this.#next] ?? '';
    if (text === '') return '';
    this.#next += 1;
    let bytes = Buffer.byteLength(text);
    for (;;) {
      const line = this.#lines[this.#next];
      if (line === undefined) return text;
      bytes += Buffer.byteLength(line);
      if (bytes > WRITE_BYTES) return text;
      text += line;
      this.#next += 1;
    }
  }

  #shorten(): void {
    if (this.#next < this.#lines.length && this.#next < MOST_SPENT) return;
    this.#lines = this.#lines.slice(this.#next);
    this.#next = 0;
  }

  #rest(): void {
    this.#isBusy = false;
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }

  #lose(lines: number): void {
    this.#lost += lines;
    this.#told.lost(lines);
  }
}
