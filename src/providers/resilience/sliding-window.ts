const SLOTS = 10;

/** Counts requests and failures of the last `windowMs` milliseconds, exact to a tenth of the window. */
export class SlidingWindow {
  readonly #requests = new Array<number>(SLOTS).fill(0);
  readonly #failures = new Array<number>(SLOTS).fill(0);
  readonly #slotMs: number;
  #slot: number;
  #totalRequests = 0;
  #totalFailures = 0;

  constructor(windowMs: number, nowMs: number) {
    this.#slotMs = Math.max(1, windowMs / SLOTS);
    this.#slot = Math.floor(nowMs / this.#slotMs);
  }

  get requests(): number {
    return this.#totalRequests;
  }

  get failureRatio(): number {
    return this.#totalRequests === 0 ? 0 : this.#totalFailures / this.#totalRequests;
  }

  /** Counts one request that ended at `nowMs`, a reading of a clock that never jumps. */
  add(failed: boolean, nowMs: number): void {
    this.#forget(nowMs);
    const index = this.#slot % SLOTS;
    this.#requests[index] = (this.#requests[index] ?? 0) + 1;
    this.#totalRequests += 1;
    if (!failed) return;
    this.#failures[index] = (this.#failures[index] ?? 0) + 1;
    this.#totalFailures += 1;
  }

  #forget(nowMs: number): void {
    const slot = Math.floor(nowMs / this.#slotMs);
    const steps = Math.min(SLOTS, slot - this.#slot);
    for (let step = 1; step <= steps; step += 1) {
      const index = (this.#slot + step) % SLOTS;
      this.#totalRequests -= this.#requests[index] ?? 0;
      this.#totalFailures -= this.#failures[index] ?? 0;
      this.#requests[index] = 0;
      this.#failures[index] = 0;
    }
    this.#slot = Math.max(this.#slot, slot);
  }
}
