import type { ProviderError } from '../provider-error.js';
import type { RunningAttempt } from '../resilience/running-attempt.js';
import type { MediaSource } from './media-reply.js';

type Step<T> = IteratorResult<T, undefined>;

const DONE = { done: true, value: undefined } as const;

/**
 * What one attempt brings piece by piece. `open` waits for the first, and until then failures are ProviderErrors that another
 * attempt may mend; later ones are what `toStreamError` makes of them, and never a silent end. Whoever stops early calls
 * `return` or `close`. The attempt is settled exactly once.
 */
export class MediaPieces<T> implements AsyncIterableIterator<T, undefined> {
  readonly #attempt: RunningAttempt;
  readonly #source: MediaSource<T>;
  readonly #toStreamError: (error: ProviderError) => Error;
  #first: T | null = null;
  #hasCommitted = false;
  #isOver = false;

  constructor(attempt: RunningAttempt, source: MediaSource<T>, toStreamError: (error: ProviderError) => Error) {
    this.#attempt = attempt;
    this.#source = source;
    this.#toStreamError = toStreamError;
  }

  /** Resolves at the first piece. Rejects with a ProviderError. */
  async open(): Promise<void> {
    const first = await this.#pull();
    this.#attempt.timers.contentArrived();
    this.#first = first.done === true ? null : first.value;
    // The client left while it was on its way here.
    if (this.#attempt.cancelled) throw this.#failed(this.#attempt.cancelled);
    this.#hasCommitted = true;
    this.#attempt.commit(first.done !== true);
    if (first.done === true) this.#finish();
  }

  async next(): Promise<Step<T>> {
    const first = this.#first;
    if (first !== null) {
      this.#first = null;
      return { done: false, value: first };
    }
    if (this.#isOver) return DONE;
    const step = await this.#pull();
    if (step.done === true) this.#finish();
    return step;
  }

  return(): Promise<Step<T>> {
    this.close();
    return Promise.resolve(DONE);
  }

  /** Gives everything back; does nothing once it is over. */
  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#first = null;
    this.#note();
    this.#attempt.cancel('The rest of the answer was not wanted.');
    this.#source.close();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #pull(): Promise<Step<T>> {
    this.#attempt.timers.asked();
    try {
      const piece = await this.#attempt.race(this.#source.next());
      if (piece === null) return DONE;
      // The bill of an answer that breaks goes by whether anything came.
      this.#attempt.record.deliveredCharacters += 1;
      return { done: false, value: piece };
    } catch (error) {
      throw this.#failed(error);
    } finally {
      this.#attempt.whileWaiting(null);
      this.#attempt.timers.arrived();
    }
  }

  #finish(): void {
    this.#isOver = true;
    this.#note();
    this.#attempt.succeed();
  }

  #failed(thrown: unknown): Error {
    this.#isOver = true;
    this.#note();
    this.#source.close();
    const error = this.#attempt.fail(thrown);
    return this.#hasCommitted ? this.#toStreamError(error) : error;
  }

  #note(): void {
    this.#attempt.record.usage ??= this.#source.usage;
  }
}
