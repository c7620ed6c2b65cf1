import { ProviderError } from '../provider-error.js';
import type { ByteSource } from './byte-source.js';
import { tooLarge } from './read-text.js';
import { type SseEvent, SseParser } from './sse-parser.js';
import type { TransportLimits } from './transport-limits.js';

/**
 * The events of a body, in batches: all that one piece of it completed, in order. `return()` closes the connection;
 * `release()` lets a body that has said all it will say run out, so that the connection is kept.
 */
export class SseReader implements AsyncIterableIterator<SseEvent[], undefined> {
  readonly #source: ByteSource;
  readonly #limitBytes: number;
  readonly #parser: SseParser;
  #bytes = 0;
  #isDone = false;

  constructor(source: ByteSource, limits: Pick<TransportLimits, 'streamBytes' | 'eventCharacters'>) {
    this.#source = source;
    this.#limitBytes = limits.streamBytes;
    this.#parser = new SseParser(limits.eventCharacters);
  }

  /** True when not a single byte came before the end. */
  get isEmpty(): boolean {
    return this.#bytes === 0;
  }

  async next(): Promise<IteratorResult<SseEvent[], undefined>> {
    while (!this.#isDone) {
      const piece = await this.#source.read();
      const events = piece ? this.#parse(piece) : this.#end();
      if (events.length > 0) return { done: false, value: events };
    }
    return { done: true, value: undefined };
  }

  return(): Promise<IteratorResult<SseEvent[], undefined>> {
    this.#isDone = true;
    this.#source.destroy();
    return Promise.resolve({ done: true, value: undefined });
  }

  release(): void {
    this.#isDone = true;
    this.#source.release();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #parse(piece: Uint8Array): SseEvent[] {
    this.#bytes += piece.byteLength;
    if (this.#bytes > this.#limitBytes) throw tooLarge(this.#source);
    try {
      return this.#parser.push(piece);
    } catch (error) {
      if (error instanceof ProviderError && error.kind === 'too-large') throw tooLarge(this.#source);
      this.#source.destroy(error instanceof ProviderError ? error : undefined);
      throw error;
    }
  }

  #end(): SseEvent[] {
    this.#isDone = true;
    return this.#parser.end();
  }
}
