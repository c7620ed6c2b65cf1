import { OPENING_BRACKETS, readMarker, type MarkerReading } from './citation-syntax.js';
import { closesCode, countRun, isAtLineStart, MAX_RUN, openCode, type CodeSpan } from './code-spans.js';
import { QuotedMarkers } from './quoted-markers.js';

/** A citation marker as it stands in the answer after repair: `answer.slice(start, end)` is `[n]`. */
export interface CitationMarker {
  n: number;
  start: number;
  end: number;
}

type Marker = Extract<MarkerReading, { kind: 'marker' }>;

const PLAIN = new RegExp(`^[^${OPENING_BRACKETS.replace('[', String.raw`\[`)}\`~ \\t\\n]+`, 'u');
const SPACE = new RegExp(String.raw`^[ \t]{0,${String(MAX_RUN)}}`, 'u');
// `list[12] = x` and `list[12].name` are no citations.
const INDEX_BEHIND = /^(?:\s?=|\.\p{L}|[\p{L}_])/u;
const NAME_BEFORE = /[\p{L}\p{N}_)\]]$/u;
const TAIL = 200;
// What has to be seen behind a marker to tell what it is.
const LOOK_AHEAD = 2;

/**
 * Reads an answer as it streams in and repairs its citation markers: `[1, 2]`, `[Source 1]` and \u30101\u3011 become `[1][2]` and
 * `[1]`, numbers that no source has are dropped; code, links and what is quoted from a source with its own brackets are left
 * as they are. Text that may be the beginning of a marker is held back, so that the result is the same however the answer
 * was cut into pieces.
 */
export class CitationProcessor {
  readonly #markers: CitationMarker[] = [];
  readonly #sourceCount: number;
  readonly #quoted: QuotedMarkers;
  #held = '';
  #answer = '';
  // The end of the answer by itself: looking at the end of what grows piece by piece would copy all of it each time.
  #tail = '';
  #code: CodeSpan | null = null;

  /** The texts of the sources, which are numbered from 1. */
  constructor(sources: readonly string[]) {
    this.#sourceCount = sources.length;
    this.#quoted = new QuotedMarkers(sources);
  }

  /** Everything that was let through so far. */
  get answer(): string {
    return this.#answer;
  }

  /** The markers in the answer so far, in order. */
  get markers(): readonly CitationMarker[] {
    return this.#markers;
  }

  /** Takes a piece of the answer; returns the text that is certain by now, which may be empty. */
  push(text: string): string {
    this.#held += text;
    return this.#advance(false);
  }

  /** The answer is complete: returns what was still held back. */
  flush(): string {
    return this.#advance(true);
  }

  #advance(isEnd: boolean): string {
    const from = this.#answer.length;
    while (this.#held !== '') {
      const taken = this.#code ? this.#readCode(this.#code, isEnd) : this.#readText(isEnd);
      if (taken === 0) break;
      this.#held = this.#held.slice(taken);
    }
    return this.#answer.slice(from);
  }

  /** How much of the held text was used up; 0 means that more is needed to decide. */
  #readText(isEnd: boolean): number {
    const plain = PLAIN.exec(this.#held)?.[0];
    if (plain !== undefined) return this.#emit(plain);
    const mark = this.#held[0];
    if (mark === '`' || mark === '~') return this.#readRun(mark, isEnd);
    if (mark === '\n') return this.#emit('\n');
    return this.#readMarker(isEnd);
  }

  #readRun(mark: '`' | '~', isEnd: boolean): number {
    const length = countRun(this.#held, mark);
    if (length === MAX_RUN) return this.#emit(mark.repeat(length));
    if (length === this.#held.length && !isEnd) return 0;
    this.#code = openCode(mark, length, isAtLineStart(this.#tail));
    return this.#emit(mark.repeat(length));
  }

  // White space goes with the marker behind it, because it goes when the marker is dropped.
  #readMarker(isEnd: boolean): number {
    const space = SPACE.exec(this.#held)?.[0] ?? '';
    if (space.length === MAX_RUN) return this.#emit(space);
    const rest = this.#held.slice(space.length);
    if (rest === '' && !isEnd) return 0;
    const reading = readMarker(rest, isEnd);
    if (reading.kind === 'open') return 0;
    if (reading.kind === 'none') return this.#emit(space === '' ? rest.slice(0, 1) : space);
    const behind = rest.slice(reading.length, reading.length + LOOK_AHEAD);
    if (behind.length < LOOK_AHEAD && !isEnd) return 0;
    const literal = rest.slice(0, reading.length);
    if (this.#isText(space, literal, behind, reading)) return this.#emit(space + literal);
    this.#mark(space, reading);
    return space.length + reading.length;
  }

  #isText(space: string, literal: string, behind: string, { numbers }: Marker): boolean {
    // `[1](...)` is a link, and `[1]: ...` at the beginning of a line says where one leads.
    if (behind.startsWith('(')) return true;
    if (behind.startsWith(':') && isAtLineStart(this.#tail)) return true;
    const isKnown = numbers.some((n) => this.#isSource(n));
    if (!isKnown && space === '' && NAME_BEFORE.test(this.#tail) && INDEX_BEHIND.test(behind)) return true;
    return this.#quoted.isQuoted(this.#tail + space, literal, numbers);
  }

  #mark(space: string, { numbers }: Marker): void {
    const known = numbers.filter((n) => this.#isSource(n));
    if (known.length > 0) this.#emit(space);
    for (const n of known) {
      const start = this.#answer.length;
      this.#emit(`[${String(n)}]`);
      this.#markers.push({ n, start, end: this.#answer.length });
    }
  }

  #readCode(span: CodeSpan, isEnd: boolean): number {
    const length = countRun(this.#held, span.mark);
    if (length === 0) {
      const end = this.#held.search(span.mark === '`' ? /[`\n]/u : /[~\n]/u);
      const code = end < 0 ? this.#held : this.#held.slice(0, this.#held[end] === '\n' ? end + 1 : end);
      // Code within a line ends with its line, or one stray tick would hide every marker that follows.
      if (span.kind === 'inline' && code.endsWith('\n')) this.#code = null;
      return this.#emit(code);
    }
    if (length === MAX_RUN) return this.#emit(span.mark.repeat(length));
    if (length === this.#held.length && !isEnd) return 0;
    const run = { length, isLineStart: isAtLineStart(this.#tail), rest: this.#held.slice(length) };
    const closes = closesCode(span, run, isEnd);
    if (closes === null) return 0;
    if (closes) this.#code = null;
    return this.#emit(span.mark.repeat(length));
  }

  #isSource(n: number): boolean {
    return n >= 1 && n <= this.#sourceCount;
  }

  #emit(text: string): number {
    this.#answer += text;
    this.#tail = (this.#tail + text.slice(-TAIL)).slice(-TAIL);
    return text.length;
  }
}
