import type { ChatEvent } from '../../core/chat/chat-event.js';
import { tokenUsage, type TokenUsage } from '../../core/chat/token-usage.js';
import type { ReadyIterator } from '../../core/ready-iterator.js';
import type { Admission } from './admission.js';
import { isPlausibleUsage } from './bill-attempt.js';

type Result = IteratorResult<ChatEvent, undefined>;

const DONE: Result = { done: true, value: undefined };

/** An answer on its way to the client, weighed as it passes. Ends with a usage event, counted by us when none came. */
export class MeteredEvents implements AsyncIterableIterator<ChatEvent, undefined> {
  readonly #source: ReadyIterator<ChatEvent>;
  readonly #admission: Admission;
  readonly #refresh: () => void;
  #hasUsage = false;
  #prompt: TokenUsage | null = null;
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

  take(): ChatEvent | undefined {
    if (this.#isOver) return undefined;
    for (;;) {
      const event = this.#source.take?.();
      if (!event || this.#passes(event)) return event;
    }
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
    return this.#passes(result.value) ? result : this.next();
  };

  // Notes an event; false for those that are not the client's.
  #passes(event: ChatEvent): boolean {
    if (event.type === 'usage') {
      // Numbers that cannot be meant do not go to the client either.
      if (!isPlausibleUsage(event.usage)) return false;
      // What a provider says of the prompt alone is for the bill of an answer that breaks; the client gets the whole.
      if (event.usage.estimated === true && !this.#hasFinished) {
        this.#prompt = event.usage;
        return false;
      }
      this.#hasUsage = true;
    } else if (event.type === 'finish') {
      this.#hasFinished = true;
    } else {
      this.#admission.delivered.add(event);
    }
    return true;
  }

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
    const prompt = this.#prompt ?? { input: this.#admission.promptTokens() };
    return { type: 'usage', usage: tokenUsage({ ...prompt, ...delivered.tokens(), estimated: true }) };
  }
}
