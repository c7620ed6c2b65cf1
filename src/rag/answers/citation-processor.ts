/** A citation marker as it stands in the answer after repair: `answer.slice(start, end)` is `[n]`. */
export interface CitationMarker {
  n: number;
  start: number;
  end: number;
}

const NUMBERS = String.raw`\d{1,3}(?:\s{0,3}(?:[,;\u3001\uff0c-]|\u2013)\s{0,3}\d{1,3}){0,15}`;
const SQUARE = new RegExp(String.raw`^\[\^?\s{0,3}(${NUMBERS})\s{0,3}\]`, 'u');
const ROUNDED = new RegExp(String.raw`^\u3010\s{0,3}(${NUMBERS})\s{0,3}(?:\u2020[^\u3011\n]{0,40})?\u3011`, 'u');
// What may still become a marker when more text comes: as long as the longest marker, or it would matter where a piece ends.
const OPEN_SQUARE = /^\[\^?[\d\s,;\u3001\uff0c\u2013-]{0,160}$/u;
const OPEN_ROUNDED = /^\u3010[\d\s,;\u3001\uff0c\u2013-]{0,160}(?:\u2020[^\u3011\n]{0,40})?$/u;
const PLAIN = /^[^[\u3010` \t\n]+/u;

type Mode = { kind: 'text' } | { kind: 'inline' | 'fence'; ticks: number };

/**
 * Reads an answer as it streams in and repairs its citation markers: `[1, 2]` and \u30101\u3011 become `[1][2]` and `[1]`, numbers
 * that no source has are dropped, code is left as it is. Text that may be the beginning of a marker is held back, so that
 * the result is the same however the answer was cut into pieces.
 */
export class CitationProcessor {
  readonly #markers: CitationMarker[] = [];
  #held = '';
  #answer = '';
  #mode: Mode = { kind: 'text' };

  /** `sourceCount` sources are numbered from 1. */
  constructor(private readonly sourceCount: number) {}

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
      const taken = this.#mode.kind === 'text' ? this.#readText(isEnd) : this.#readCode(this.#mode.ticks, isEnd);
      if (taken === 0) break;
      this.#held = this.#held.slice(taken);
    }
    return this.#answer.slice(from);
  }

  /** How much of the held text was used up; 0 means that more is needed to decide. */
  #readText(isEnd: boolean): number {
    const plain = PLAIN.exec(this.#held)?.[0];
    if (plain !== undefined) return this.#emit(plain);
    if (this.#held.startsWith('`')) return this.#openCode(isEnd);
    if (this.#held.startsWith('\n')) return this.#emit('\n');
    return this.#readMarker(isEnd);
  }

  // White space goes with the marker behind it, because it goes when the marker is dropped.
  #readMarker(isEnd: boolean): number {
    const space = /^[ \t]*/u.exec(this.#held)?.[0] ?? '';
    const rest = this.#held.slice(space.length);
    const match = SQUARE.exec(rest) ?? ROUNDED.exec(rest);
    if (!match) {
      if (!isEnd && mayBecomeMarker(rest)) return 0;
      return this.#emit(space === '' ? rest.slice(0, 1) : space);
    }
    const [whole, numbers = ''] = match;
    if (whole.length === rest.length && !isEnd) return 0;
    // `[1](...)` is a link, not a marker.
    if (rest[whole.length] === '(') return this.#emit(space + whole);
    this.#mark(space, numbers);
    return space.length + whole.length;
  }

  #mark(space: string, numbers: string): void {
    const known = readNumbers(numbers).filter((n) => n >= 1 && n <= this.sourceCount);
    if (known.length > 0) this.#answer += space;
    for (const n of known) {
      const start = this.#answer.length;
      this.#answer += `[${String(n)}]`;
      this.#markers.push({ n, start, end: this.#answer.length });
    }
  }

  #openCode(isEnd: boolean): number {
    const ticks = countTicks(this.#held);
    if (ticks === this.#held.length && !isEnd) return 0;
    const isFence = ticks >= 3 && /(?:^|\n)[ \t]*$/u.test(this.#answer);
    this.#mode = { kind: isFence ? 'fence' : 'inline', ticks };
    return this.#emit(this.#held.slice(0, ticks));
  }

  #readCode(ticks: number, isEnd: boolean): number {
    const isFence = this.#mode.kind === 'fence';
    const run = countTicks(this.#held);
    if (run === 0) {
      const code = /^[^`\n]*\n?/u.exec(this.#held)?.[0] ?? '';
      // Code within a line ends with its line, or one stray tick would hide every marker that follows.
      if (!isFence && code.endsWith('\n')) this.#mode = { kind: 'text' };
      return this.#emit(code);
    }
    if (run === this.#held.length && !isEnd) return 0;
    const closes = isFence ? run >= ticks && /(?:^|\n)[ \t]*$/u.test(this.#answer) : run === ticks;
    if (closes) this.#mode = { kind: 'text' };
    return this.#emit(this.#held.slice(0, run));
  }

  #emit(text: string): number {
    this.#answer += text;
    return text.length;
  }
}

function mayBecomeMarker(text: string): boolean {
  return text === '' || OPEN_SQUARE.test(text) || OPEN_ROUNDED.test(text);
}

function countTicks(text: string): number {
  return /^`*/u.exec(text)?.[0].length ?? 0;
}

// `1-3` names three sources; a range that is no range is two numbers.
function readNumbers(list: string): number[] {
  const numbers: number[] = [];
  for (const part of list.split(/[,;\u3001\uff0c]/u)) {
    const [first = 0, last = first] = part.split(/[-\u2013]/u).map(Number);
    if (last < first || last - first > 20) numbers.push(first, last);
    else for (let n = first; n <= last; n += 1) numbers.push(n);
  }
  return [...new Set(numbers)];
}
