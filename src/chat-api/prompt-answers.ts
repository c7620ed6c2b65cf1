import type { ChatEvent } from '../core/chat/chat-event.js';
import type { ReadyIterator } from '../core/ready-iterator.js';
import type { PromptEvent } from '../dialects/openai-completions/prompt-event.js';

type Answer = AsyncIterable<ChatEvent>;
type Step = IteratorResult<PromptEvent, undefined>;

const DONE: Step = { done: true, value: undefined };

/** The answers to several prompts one behind the other; the next is asked for when the one before it is over. */
export class PromptAnswers implements AsyncIterableIterator<PromptEvent, undefined> {
  readonly #rest: readonly (() => Promise<Answer>)[];
  #current: ReadyIterator<ChatEvent>;
  #prompt = 0;
  #isOver = false;

  constructor(first: Answer, rest: readonly (() => Promise<Answer>)[]) {
    this.#rest = rest;
    this.#current = first[Symbol.asyncIterator]();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<Step> {
    while (!this.#isOver) {
      const step = await this.#current.next();
      if (step.done !== true) return { done: false, value: { prompt: this.#prompt, event: step.value } };
      await this.#goOn();
    }
    return DONE;
  }

  take(): PromptEvent | undefined {
    const event = this.#isOver ? undefined : this.#current.take?.();
    return event && { prompt: this.#prompt, event };
  }

  async return(): Promise<Step> {
    this.#isOver = true;
    await this.#current.return?.();
    return DONE;
  }

  async #goOn(): Promise<void> {
    const ask = this.#rest[this.#prompt];
    if (!ask || this.#isOver) {
      this.#isOver = true;
      return;
    }
    const answer = await ask();
    this.#current = answer[Symbol.asyncIterator]();
    this.#prompt += 1;
    // Whoever left meanwhile has closed only the answer before this one.
    if (this.#hasEnded()) await this.#current.return?.();
  }

  // It may have been stopped meanwhile, wherever something was waited for.
  #hasEnded(): boolean {
    return this.#isOver;
  }
}
