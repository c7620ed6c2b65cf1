/** How many processes share the work at present, this one included; the database's heartbeat keeps it up to date. */
export class LiveInstances {
  #count = 1;
  #workers = 1;

  get count(): number {
    return this.#count;
  }

  /** How many of them run jobs. */
  get workers(): number {
    return this.#workers;
  }

  /** At least one lives: whoever asks. All of them run jobs unless it is said. */
  set(count: number, workers = count): void {
    this.#count = Math.max(1, count);
    this.#workers = workers;
  }
}
