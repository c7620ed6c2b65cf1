import type { Clock } from '../../core/clock.js';

/** The parts of a search that are timed. */
export type SearchStage =
  'filter' | 'analysis' | 'embedding' | 'lexical' | 'dense' | 'fusion' | 'loading' | 'rerank' | 'mmr';

/** Takes the times of a search, in milliseconds. */
export class Stopwatch {
  readonly #clock: Clock;
  readonly #startedAt: number;
  readonly #times = new Map<SearchStage, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startedAt = clock.monotonic();
  }

  /** Times some work; stages that run at once overlap. */
  async time<T>(stage: SearchStage, work: () => Promise<T>): Promise<T> {
    const startedAt = this.#clock.monotonic();
    try {
      return await work();
    } finally {
      this.#times.set(stage, (this.#times.get(stage) ?? 0) + this.#clock.monotonic() - startedAt);
    }
  }

  /** All times so far, by stage, and the whole as `total`. */
  read(): Record<string, number> {
    const round = (ms: number): number => Math.round(ms * 10) / 10;
    const stages = [...this.#times].map(([stage, ms]) => [stage, round(ms)] as const);
    return { ...Object.fromEntries(stages), total: round(this.#clock.monotonic() - this.#startedAt) };
  }
}
