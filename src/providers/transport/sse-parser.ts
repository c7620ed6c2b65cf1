import { StringDecoder } from 'node:string_decoder';
import { ProviderError } from '../provider-error.js';

/** One server-sent event; `event` is empty when the stream did not name it. */
export interface SseEvent {
  event: string;
  data: string;
}

const LINE_END = /\r\n|\n|\r/g;

/**
 * Reads server-sent events from bytes that may be cut anywhere. Each piece is decoded once and only the unfinished last
 * line is kept, as a list of parts, so that a long line in small pieces costs no repeated copying.
 */
export class SseParser {
  readonly #limit: number;
  readonly #decoder = new StringDecoder('utf8');
  readonly #lineParts: string[] = [];
  #lineLength = 0;
  #isFirst = true;
  #skipsLineFeed = false;
  #event = '';
  #data: string | null = null;

  constructor(limitCharacters: number) {
    this.#limit = limitCharacters;
  }

  /** The events that this piece completes. Throws ProviderError `too-large` past the limit. */
  push(bytes: Uint8Array): SseEvent[] {
    return this.#pushText(this.#decoder.write(bytes));
  }

  /** The event that the end of the body leaves open: some servers end without the last empty line. */
  end(): SseEvent[] {
    const events = this.#pushText(this.#decoder.end());
    if (this.#lineLength > 0) this.#takeLine(this.#lastLine(''), events);
    this.#dispatch(events);
    return events;
  }

  #pushText(decoded: string): SseEvent[] {
    const events: SseEvent[] = [];
    if (decoded === '') return events;
    let text = decoded;
    if (this.#isFirst) {
      this.#isFirst = false;
      if (text.startsWith('\uFEFF')) text = text.slice(1);
    }
    if (this.#skipsLineFeed) {
      this.#skipsLineFeed = false;
      if (text.startsWith('\n')) text = text.slice(1);
    }
    const rest = text.includes('\r') ? this.#cutAnyLines(text, events) : this.#cutLines(text, events);
    if (rest !== '') {
      this.#lineParts.push(rest);
      this.#lineLength += rest.length;
      this.#checkLength(this.#lineLength);
    }
    return events;
  }

  #cutLines(text: string, events: SseEvent[]): string {
    let start = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      this.#takeLine(this.#lastLine(text.slice(start, end)), events);
      start = end + 1;
    }
    return start === 0 ? text : text.slice(start);
  }

  #cutAnyLines(text: string, events: SseEvent[]): string {
    let start = 0;
    for (const match of text.matchAll(LINE_END)) {
      this.#takeLine(this.#lastLine(text.slice(start, match.index)), events);
      start = match.index + match[0].length;
    }
    this.#skipsLineFeed = text.endsWith('\r');
    return text.slice(start);
  }

  #lastLine(end: string): string {
    if (this.#lineLength === 0) return end;
    this.#lineParts.push(end);
    const line = this.#lineParts.join('');
    this.#lineParts.length = 0;
    this.#lineLength = 0;
    return line;
  }

  #takeLine(line: string, events: SseEvent[]): void {
    if (line === '') {
      this.#dispatch(events);
      return;
    }
    if (line.startsWith('data: ')) {
      this.#takeData(line.slice(6));
      return;
    }
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const field = colon === -1 ? line : line.slice(0, colon);
    if (field !== 'data' && field !== 'event') return;
    const value = colon === -1 ? '' : line.slice(line.charCodeAt(colon + 1) === 32 ? colon + 2 : colon + 1);
    if (field === 'event') this.#event = value;
    else this.#takeData(value);
  }

  #takeData(value: string): void {
    this.#data = this.#data === null ? value : `${this.#data}\n${value}`;
    this.#checkLength(this.#data.length);
  }

  #dispatch(events: SseEvent[]): void {
    if (this.#data !== null) events.push({ event: this.#event, data: this.#data });
    this.#event = '';
    this.#data = null;
  }

  #checkLength(characters: number): void {
    if (characters <= this.#limit) return;
    throw new ProviderError('too-large', "An event of the provider's stream is larger than the gateway accepts.");
  }
}
