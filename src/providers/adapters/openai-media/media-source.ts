import { addUsage, type TokenUsage } from '../../../core/chat/token-usage.js';
import type { JsonObject } from '../../../core/json.js';
import type { SseFrame } from '../../../core/sse-frame.js';
import type { MediaSource } from '../../media/media-reply.js';
import type { AttemptContext } from '../../provider-adapter.js';
import { ProviderError } from '../../provider-error.js';
import type { ByteSource } from '../../transport/byte-source.js';
import { tooLarge } from '../../transport/read-text.js';
import { SseReader } from '../../transport/sse-reader.js';
import { StreamJson } from '../../transport/stream-json.js';
import type { SseEvent } from '../../transport/sse-parser.js';
import type { TransportLimits } from '../../transport/transport-limits.js';

/** The bytes of a body as they come; an empty body is `malformed`, one past the limit `too-large`. */
export class BytesSource implements MediaSource<Uint8Array> {
  readonly usage = null;
  readonly #body: ByteSource;
  readonly #limitBytes: number;
  #bytes = 0;

  constructor(body: ByteSource, { streamBytes }: Pick<TransportLimits, 'streamBytes'>) {
    this.#body = body;
    this.#limitBytes = streamBytes;
  }

  async next(): Promise<Uint8Array | null> {
    const piece = await this.#body.read();
    if (piece === null && this.#bytes === 0) {
      throw new ProviderError('malformed', 'The provider answered without a body.');
    }
    this.#bytes += piece?.byteLength ?? 0;
    if (this.#bytes > this.#limitBytes) throw tooLarge(this.#body);
    return piece;
  }

  close(): void {
    this.#body.destroy();
  }
}

export interface EventTerms {
  /** The type of the event that ends an answer. */
  readonly terminal: string;
  /** How many of them end the whole of it. */
  readonly answers: number;
  readonly limits: TransportLimits;
  readonly attempt: AttemptContext;
  /** What an event that ends an answer says it used; null when it does not say. */
  readUsage(event: JsonObject): TokenUsage | null;
  /** The failure that an event stands for; null when it is none. */
  readFailure(event: JsonObject): ProviderError | null;
}

/** The events of a stream as they came. One that ends without its terminal event is `interrupted`. */
export class EventsSource implements MediaSource<SseFrame> {
  usage: TokenUsage | null = null;
  readonly #reader: SseReader;
  readonly #json: StreamJson;
  readonly #terms: EventTerms;
  #ready: SseFrame[] = [];
  /** Waits until what came before it has been read. */
  #failure: unknown = null;
  #answers = 0;

  constructor(body: ByteSource, terms: EventTerms) {
    this.#reader = new SseReader(body, terms.limits);
    this.#json = new StreamJson(terms.attempt);
    this.#terms = terms;
  }

  async next(): Promise<SseFrame | null> {
    for (;;) {
      const frame = this.#ready.shift();
      if (frame) return frame;
      if (this.#failure !== null) throw this.#failure as Error;
      if (this.#answers >= this.#terms.answers) {
        this.#reader.release();
        return null;
      }
      const batch = await this.#reader.next();
      if (batch.done === true) return this.#end();
      this.#readAll(batch.value);
    }
  }

  close(): void {
    void this.#reader.return();
  }

  #readAll(events: readonly SseEvent[]): void {
    try {
      for (const event of events) this.#read(event);
    } catch (error) {
      this.#failure = error;
    }
  }

  #read({ event, data }: SseEvent): void {
    if (data === '[DONE]') return;
    const value = this.#json.parse(data);
    if (!value) return;
    const failure = this.#terms.readFailure(value);
    if (failure) throw failure;
    if (value.type === this.#terms.terminal) {
      this.#answers += 1;
      this.#noteUsage(value);
    }
    this.#ready.push(event === '' ? { data } : { event, data });
  }

  // Several images end one after the other, and each says what it used.
  #noteUsage(event: JsonObject): void {
    const usage = this.#terms.readUsage(event);
    if (usage) this.usage = this.usage ? addUsage(this.usage, usage) : usage;
  }

  #end(): null {
    if (this.#answers > 0) return null;
    throw new ProviderError('interrupted', 'The stream of the provider ended before the answer was complete.');
  }
}
