import type { ChatEvent } from '../../core/chat/chat-event.js';
import { tokenUsage } from '../../core/chat/token-usage.js';
import type { Admission } from './admission.js';
import { isPlausibleUsage } from './bill-attempt.js';

type Result = IteratorResult<ChatEvent, undefined>;

const DONE: Result = { done: true, value: undefined };

/** An answer on its way to the client, weighed as it passes. Ends with a usage event, counted by us when none came. */
export class MeteredEvents implements AsyncIterableIterator<ChatEvent, undefined> {
  readonly #source: AsyncIterator<ChatEvent>;
  readonly #admission: Admission;
  readonly #refresh: () => void;
  #hasUsage = false;
  #hasFinished = false;
  #isOver = false;

  constructor(events: AsyncIterable<ChatEvent>, admission: Admission, refresh: () => void) {
    this.#source = events[Symbol.asyncIterator]();
    this.#admission = admission;
    this.#refresh = refresh;
  }

  next(): Promise<Result> {
    return this.#isOver ? Promise.resolve(DONE) : this.#source.next().then(this.#onResult, this.#onError);
  }

  async return(): Promise<Result> {
    if (!this.#isOver) {
      try {
        await this.#source.return?.();
      } finally {
        this.#end(() => {
          if (this.#hasFinished) this.#admission.complete();
          else this.#admission.stop();
        });
      }
    }
    return DONE;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  readonly #onResult = (result: IteratorResult<ChatEvent, unknown>): Result | Promise<Result> => {
    if (result.done) {
      this.#end(() => {
        this.#admission.complete();
      });
      return this.#hasUsage ? DONE : { done: false, value: this.#estimatedUsage() };
    }
    const event = result.value;
    if (event.type === 'usage') {
      // Numbers that cannot be meant do not go to the client either.
      if (!isPlausibleUsage(event.usage)) return this.next();
      this.#hasUsage = true;
    } else if (event.type === 'finish') {
      this.#hasFinished = true;
    } else {
      this.#admission.delivered.add(event);
    }
    return result;
  };

  readonly #onError = (error: unknown): never => {
    this.#end(() => {
      this.#admission.fail(error);
    });
    throw error;
  };

  #end(note: () => void): void {
    if (this.#isOver) return;
    this.#isOver = true;
    note();
    this.#refresh();
  }

  #estimatedUsage(): ChatEvent {
    const { delivered } = this.#admission;
    return {
      type: 'usage',
      usage: tokenUsage({ input: this.#admission.promptTokens(), ...delivered.tokens(), estimated: true }),
    };
  }
}
