import type { CancelSignal } from '../core/cancellation.js';
import type { Clock } from '../core/clock.js';

/** The time that one fetch has, and the wish of whom it is for: its signal fires at the first of the two. */
export class FetchDeadline {
  readonly #controller = new AbortController();
  readonly #cancel: () => void;

  constructor(
    clock: Clock,
    timeoutMs: number,
    private readonly wish: CancelSignal,
  ) {
    this.#cancel = clock.schedule(this.#abort, timeoutMs);
    if (wish.aborted) this.#abort();
    else wish.addEventListener('abort', this.#abort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The fetch is over: nothing fires any more. */
  end(): void {
    this.#cancel();
    this.wish.removeEventListener('abort', this.#abort);
  }

  readonly #abort = (): void => {
    this.#controller.abort();
  };
}
