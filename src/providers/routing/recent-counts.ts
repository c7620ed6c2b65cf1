const SLICES = 5;
const SLICE_MS = 60_000;

/** A row of counters that know the last five minutes, exact to one of them. Counting costs the same however much there is. */
export class RecentCounts {
  readonly #size: number;
  readonly #total: Uint32Array;
  readonly #slices: Uint32Array[] = [];
  #slice: number;

  /** `nowMs` here and below is a reading of a clock that never jumps. */
  constructor(size: number, nowMs: number) {
    this.#size = size;
    this.#total = new Uint32Array(size);
    this.#slice = Math.floor(nowMs / SLICE_MS);
  }

  /** What was counted by then; `forget` brings it up to date. */
  get(index: number): number {
    return this.#total[index] ?? 0;
  }

  add(index: number, nowMs: number): void {
    this.forget(nowMs);
    const slice = (this.#slices[this.#slice % SLICES] ??= new Uint32Array(this.#size));
    slice[index] = (slice[index] ?? 0) + 1;
    this.#total[index] = (this.#total[index] ?? 0) + 1;
  }

  /** Leaves out what is too old by now. */
  forget(nowMs: number): void {
    const present = Math.floor(nowMs / SLICE_MS);
    const steps = Math.min(SLICES, present - this.#slice);
    for (let step = 1; step <= steps; step += 1) this.#clear((this.#slice + step) % SLICES);
    this.#slice = Math.max(this.#slice, present);
  }

  #clear(index: number): void {
    const slice = this.#slices[index];
    if (!slice) return;
    for (const [counter, count] of slice.entries()) this.#total[counter] = this.get(counter) - count;
    slice.fill(0);
  }
}
