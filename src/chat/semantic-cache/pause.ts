const FAILURES = 3;
const PAUSE_MS = 30_000;

/** Stops asking for a while what has failed several times in a row. */
export class Pause {
  #failures = 0;
  #until = -Infinity;

  /** Whether nothing is to be asked at this time: milliseconds of a clock that never jumps. */
  isOn(nowMs: number): boolean {
    return nowMs < this.#until;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  /** Notes a failure; true when a pause begins with it. */
  failed(nowMs: number): boolean {
    this.#failures += 1;
    if (this.#failures < FAILURES || this.isOn(nowMs)) return false;
    // One more failure behind the pause begins the next one.
    this.#failures = FAILURES - 1;
    this.#until = nowMs + PAUSE_MS;
    return true;
  }
}
