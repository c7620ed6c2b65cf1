import type { Clock } from '../core/clock.js';

/**
 * Milliseconds that pass at least as fast as those of the database: the monotonic clock, which may stand still while the
 * machine sleeps, moved on by what the wall clock has gained on it.
 */
export class LeaseClock {
  readonly #clock: Clock;
  readonly #startedBehind: number;
  #gained = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startedBehind = clock.now() - clock.monotonic();
  }

  now(): number {
    const monotonic = this.#clock.monotonic();
    const gained = this.#clock.now() - monotonic - this.#startedBehind;
    if (gained > this.#gained) this.#gained = gained;
    return monotonic + this.#gained;
  }
}
