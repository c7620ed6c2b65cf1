import type { ChatEvent } from '../core/chat/chat-event.js';
import type { ReadyIterator } from '../core/ready-iterator.js';
import { isMeaningful, withoutWire } from './response-cache/stored-answer.js';

type Result = IteratorResult<ChatEvent, undefined>;

/** The same events without what they were read from, for whoever was to get that in another form. */
export class BareEvents implements AsyncIterableIterator<ChatEvent, undefined> {
  readonly #source: ReadyIterator<ChatEvent>;

  constructor(source: AsyncIterable<ChatEvent>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async next(): Promise<Result> {
    for (;;) {
      const result = await this.#source.next();
      if (result.done) return { done: true, value: undefined };
      if (isMeaningful(result.value)) return { done: false, value: withoutWire(result.value) };
    }
  }

  take(): ChatEvent | undefined {
    for (;;) {
      const event = this.#source.take?.();
      if (!event) return undefined;
      if (isMeaningful(event)) return withoutWire(event);
    }
  }

  async return(): Promise<Result> {
    await this.#source.return?.();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
