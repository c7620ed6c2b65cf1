import { Cancellation, type CancelSignal } from '../../core/cancellation.js';
import type { ChatEvent } from '../../core/chat/chat-event.js';
import { ProviderError } from '../provider-error.js';

type Batches = AsyncIterator<ChatEvent[], undefined>;
type Step = IteratorResult<ChatEvent, undefined>;

const DONE: Step = { done: true, value: undefined };

/**
 * One answer as an iterator that asks for it on the first `next()`. Hand-written, because a generator that was never
 * started runs no `finally` and one that waits cannot be returned: `return()` closes the connection in every state.
 */
export class ChatEventStream implements AsyncIterableIterator<ChatEvent, undefined> {
  readonly #open: (closed: CancelSignal) => Promise<Batches>;
  readonly #closed = new Cancellation();
  #batches: Batches | null = null;
  #ready: readonly ChatEvent[] = [];
  #position = 0;
  #isOver = false;
  /** The batches ended by themselves, or were closed. */
  #hasEnded = false;

  constructor(open: (closed: CancelSignal) => Promise<Batches>) {
    this.#open = open;
  }

  next(): Promise<Step> {
    const event = this.#ready[this.#position];
    if (event) {
      this.#position += 1;
      return Promise.resolve({ done: false, value: event });
    }
    return this.#isOver ? Promise.resolve(DONE) : this.#fetch();
  }

  take(): ChatEvent | undefined {
    const event = this.#ready[this.#position];
    if (event) this.#position += 1;
    return event;
  }

  return(): Promise<Step> {
    // Closing what has ended would only cost: an abort makes an error with a stack.
    if (!this.#hasEnded) {
      this.#hasEnded = true;
      this.#closed.abort();
      void this.#batches?.return?.().catch(() => undefined);
    }
    this.#isOver = true;
    this.#ready = [];
    return Promise.resolve(DONE);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #fetch(): Promise<Step> {
    try {
      this.#batches ??= await this.#open(this.#closed);
      for (;;) {
        const batch = await this.#batches.next();
        if (batch.done === true) break;
        const first = batch.value[0];
        if (!first) continue;
        this.#ready = batch.value;
        this.#position = 1;
        return { done: false, value: first };
      }
    } catch (error) {
      const wasClosed = this.#closed.aborted;
      void this.return();
      if (wasClosed) return DONE;
      throw error instanceof ProviderError
        ? error
        : new ProviderError('malformed', "The provider's answer could not be understood.", { cause: error });
    }
    this.#isOver = true;
    this.#hasEnded = true;
    return DONE;
  }
}
