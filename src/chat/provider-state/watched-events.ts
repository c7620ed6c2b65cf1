import type { ChatEvent } from '../../core/chat/chat-event.js';
import type { ReadyIterator } from '../../core/ready-iterator.js';

type Result = IteratorResult<ChatEvent, undefined>;

/** The same events, each shown to `watch` on its way. */
export class WatchedEvents implements AsyncIterableIterator<ChatEvent, undefined> {
  readonly #source: ReadyIterator<ChatEvent>;
  readonly #watch: (event: ChatEvent) => void;

  constructor(events: AsyncIterable<ChatEvent>, watch: (event: ChatEvent) => void) {
    this.#source = events[Symbol.asyncIterator]();
    this.#watch = watch;
  }

  next(): Promise<Result> {
    return this.#source.next().then(this.#onResult);
  }

  /** An event that is there already; undefined when the next one has to be waited for. */
  take(): ChatEvent | undefined {
    const event = this.#source.take?.();
    if (event) this.#watch(event);
    return event;
  }

  async return(): Promise<Result> {
    await this.#source.return?.();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  readonly #onResult = (result: IteratorResult<ChatEvent, unknown>): Result => {
    if (result.done) return { done: true, value: undefined };
    this.#watch(result.value);
    return result;
  };
}
