/** Remembers how the latest `size` requests ended, however long ago that was. */
export class RecentOutcomes {
  readonly #failed: Uint8Array;
  #count = 0;
  #failures = 0;

  constructor(size: number) {
    this.#failed = new Uint8Array(size);
  }

  /** The share of failures among them, from 0 to 1; 0 until there were `size` of them. */
  get failureRatio(): number {
    return this.#count < this.#failed.length ? 0 : this.#failures / this.#failed.length;
  }

  add(failed: boolean): void {
    const index = this.#count % this.#failed.length;
    const now = failed ? 1 : 0;
    this.#failures += now - (this.#failed[index] ?? 0);
    this.#failed[index] = now;
    this.#count += 1;
  }
}
