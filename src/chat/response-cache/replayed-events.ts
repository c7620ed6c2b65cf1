import type { ChatEvent } from '../../core/chat/chat-event.js';
import type { ReadyIterator } from '../../core/ready-iterator.js';

/** Events that are all there already, as the iterator that the layers above read. */
export class ReplayedEvents implements AsyncIterableIterator<ChatEvent, undefined>, ReadyIterator<ChatEvent> {
  readonly #events: readonly ChatEvent[];
  #position = 0;

  constructor(events: readonly ChatEvent[]) {
    this.#events = events;
  }

  next(): Promise<IteratorResult<ChatEvent, undefined>> {
    const value = this.take();
    return Promise.resolve(value ? { done: false, value } : { done: true, value: undefined });
  }

  take(): ChatEvent | undefined {
    const event = this.#events[this.#position];
    if (event) this.#position += 1;
    return event;
  }

  return(): Promise<IteratorResult<ChatEvent, undefined>> {
    this.#position = this.#events.length;
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
