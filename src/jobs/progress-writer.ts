import type { Clock } from '../core/clock.js';

/** Writes the latest of what it is told at most once an interval, and never two writes at once. */
export class ProgressWriter<Notes> {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #write: (notes: Notes) => Promise<void>;
  #latest: Notes | null = null;
  #cancelTimer: (() => void) | null = null;
  #writing: Promise<void> = Promise.resolve();

  constructor(clock: Clock, intervalMs: number, write: (notes: Notes) => Promise<void>) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
    this.#write = write;
  }

  /** Replaces what is to be written; the first one of a quiet time waits for the interval as well. */
  set(notes: Notes): void {
    this.#latest = notes;
    this.#cancelTimer ??= this.#clock.schedule(() => {
      this.#cancelTimer = null;
      this.#flush();
    }, this.#intervalMs);
  }

  /** Writes nothing further: resolves to what is left to write, when no write is under way any more. */
  async take(): Promise<Notes | null> {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    await this.#writing;
    const left = this.#latest;
    this.#latest = null;
    return left;
  }

  #flush(): void {
    const notes = this.#latest;
    if (!notes) return;
    this.#latest = null;
    // What could not be written is not worth failing the job for: the next one carries more.
    this.#writing = this.#writing.then(() => this.#write(notes)).catch(() => undefined);
  }
}
