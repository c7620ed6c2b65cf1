import type { ChatEvent } from '../../core/chat/chat-event.js';
import type { ReadyIterator } from '../../core/ready-iterator.js';

type Result = IteratorResult<ChatEvent, undefined>;

// What an event takes beside its texts, roughly, in memory and in its stored form.
const EVENT_BYTES = 64;

/** The same events; `onWhole` gets all of them when the answer came to its end and is not too long. */
export class RecordedEvents implements AsyncIterableIterator<ChatEvent, undefined> {
  readonly #source: ReadyIterator<ChatEvent>;
  readonly #onWhole: (events: readonly ChatEvent[]) => void;
  #events: ChatEvent[] | null = [];
  #bytesLeft: number;

  constructor(source: AsyncIterable<ChatEvent>, maxBytes: number, onWhole: (events: readonly ChatEvent[]) => void) {
    this.#source = source[Symbol.asyncIterator]();
    this.#bytesLeft = maxBytes;
    this.#onWhole = onWhole;
  }

  next(): Promise<Result> {
    return this.#source.next().then(this.#onResult, this.#onError);
  }

  take(): ChatEvent | undefined {
    const event = this.#source.take?.();
    if (event) this.#add(event);
    return event;
  }

  async return(): Promise<Result> {
    this.#events = null;
    await this.#source.return?.();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  readonly #onResult = (result: IteratorResult<ChatEvent, unknown>): Result => {
    if (!result.done) {
      this.#add(result.value);
      return result;
    }
    const events = this.#events;
    this.#events = null;
    if (events) this.#onWhole(events);
    return { done: true, value: undefined };
  };

  readonly #onError = (error: unknown): never => {
    this.#events = null;
    throw error;
  };

  #add(event: ChatEvent): void {
    if (!this.#events) return;
    this.#bytesLeft -= sizeOf(event);
    if (this.#bytesLeft < 0) this.#events = null;
    else this.#events.push(event);
  }
}

// The JSON it was read from holds its text as well.
function sizeOf(event: ChatEvent): number {
  if ('text' in event) return EVENT_BYTES + Math.max(event.text.length, event.wire?.text?.length ?? 0);
  if ('argumentsDelta' in event) return EVENT_BYTES + event.argumentsDelta.length;
  return EVENT_BYTES;
}
