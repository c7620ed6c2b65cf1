/** Does one piece of work at a time, by turns among those who ask for it: who asks for much holds up nobody but himself. */
export class FairQueue {
  // In the order of their turns.
  readonly #lines = new Map<string, (() => Promise<void>)[]>();
  #isBusy = false;
  #size = 0;

  /** How many wait or are served. */
  get size(): number {
    return this.#size;
  }

  /** How many of one asker wait, without the one that is served. */
  waitingOf(asker: string): number {
    return this.#lines.get(asker)?.length ?? 0;
  }

  /** Settles as the work does, once it was its turn. */
  run<T>(asker: string, work: () => Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const line = this.#lines.get(asker) ?? [];
    this.#lines.set(asker, line);
    line.push(() => work().then(resolve, reject));
    this.#size += 1;
    if (!this.#isBusy) void this.#serve();
    return promise;
  }

  async #serve(): Promise<void> {
    this.#isBusy = true;
    for (let work = this.#next(); work; work = this.#next()) {
      await work();
      this.#size -= 1;
    }
    this.#isBusy = false;
  }

  #next(): (() => Promise<void>) | undefined {
    const [first] = this.#lines;
    if (!first) return undefined;
    const [asker, line] = first;
    const work = line.shift();
    this.#lines.delete(asker);
    if (line.length > 0) this.#lines.set(asker, line);
    return work;
  }
}
