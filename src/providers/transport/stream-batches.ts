import type { ChatEvent } from '../../core/chat/chat-event.js';
import { ProviderError } from '../provider-error.js';
import type { ChatStreamReader } from './chat-protocol.js';
import type { SseEvent } from './sse-parser.js';
import type { SseReader } from './sse-reader.js';

/** The chat events of a streamed answer, in batches: what one piece of the body gave. */
export class StreamBatches implements AsyncIterator<ChatEvent[], undefined> {
  readonly #frames: SseReader;
  readonly #reader: ChatStreamReader;
  #failure: Error | null = null;
  #hasEnded = false;

  constructor(frames: SseReader, reader: ChatStreamReader) {
    this.#frames = frames;
    this.#reader = reader;
  }

  async next(): Promise<IteratorResult<ChatEvent[], undefined>> {
    if (this.#failure !== null) throw this.#failure;
    if (this.#hasEnded) return { done: true, value: undefined };
    const frames = await this.#frames.next();
    if (frames.done === true && this.#frames.isEmpty) {
      throw new ProviderError('malformed', 'The provider answered with an empty stream.');
    }
    const events: ChatEvent[] = [];
    try {
      if (frames.done === true) this.#end(events);
      else this.#readAll(frames.value, events);
    } catch (error) {
      // What came before the failure is still delivered: it was sent, and it is billed.
      void this.#frames.return();
      if (events.length === 0) throw error;
      this.#failure = error as Error;
    }
    return { done: false, value: events };
  }

  async return(): Promise<IteratorResult<ChatEvent[], undefined>> {
    this.#hasEnded = true;
    await this.#frames.return();
    return { done: true, value: undefined };
  }

  #readAll(frames: readonly SseEvent[], events: ChatEvent[]): void {
    for (const frame of frames) {
      for (const event of this.#reader.read(frame)) events.push(event);
      if (this.#reader.isDone) {
        this.#frames.release();
        this.#end(events);
        return;
      }
    }
  }

  #end(events: ChatEvent[]): void {
    this.#hasEnded = true;
    for (const event of this.#reader.end()) events.push(event);
  }
}
