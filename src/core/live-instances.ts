/** How many processes share the work at present, this one included; the database's heartbeat keeps it up to date. */
export class LiveInstances {
  #count = 1;

  get count(): number {
    return this.#count;
  }

  /** At least one lives: whoever asks. */
  set(count: number): void {
    this.#count = Math.max(1, count);
  }
}
