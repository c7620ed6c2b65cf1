import type { Clock } from '../core/clock.js';
import type { JobProgress } from './job.js';

/** Writes the latest progress at most once an interval, and never two writes at once. */
export class ProgressWriter {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #write: (progress: JobProgress) => Promise<void>;
  #latest: JobProgress | null = null;
  #cancelTimer: (() => void) | null = null;
  #writing: Promise<void> = Promise.resolve();

  constructor(clock: Clock, intervalMs: number, write: (progress: JobProgress) => Promise<void>) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
    this.#write = write;
  }

  /** Replaces what is to be written; the first one of a quiet time waits for the interval as well. */
  set(progress: JobProgress): void {
    this.#latest = progress;
    this.#cancelTimer ??= this.#clock.schedule(() => {
      this.#cancelTimer = null;
      this.#flush();
    }, this.#intervalMs);
  }

  /** Writes what is left and resolves when nothing is under way any more. */
  async finish(): Promise<void> {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#flush();
    await this.#writing;
  }

  #flush(): void {
    const progress = this.#latest;
    if (!progress) return;
    this.#latest = null;
    // A progress that could not be written is not worth failing the job for: the next one carries more.
    this.#writing = this.#writing.then(() => this.#write(progress)).catch(() => undefined);
  }
}
