import type { Clock } from '../../core/clock.js';

const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;

/** How long to wait before a further try: not at all after the first failure, then a second, then twice as long each time. */
export class Pauses {
  readonly #clock: Clock;
  #failures = 0;
  #until = -Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  remainingMs(): number {
    return Math.max(0, this.#until - this.#clock.monotonic());
  }

  lengthen(): void {
    this.#failures += 1;
    if (this.#failures === 1) return;
    this.#until = this.#clock.monotonic() + Math.min(LONGEST_MS, FIRST_MS * 2 ** (this.#failures - 2));
  }

  /** It works again. */
  forget(): void {
    this.#failures = 0;
    this.#until = -Infinity;
  }
}
