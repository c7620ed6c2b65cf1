interface Waiting {
  size: number;
  start(): void;
}

/** Keeps the texts that are worked on at the same time from filling the memory: who comes first goes first. */
export class WorkingMemory {
  readonly #capacity: number;
  readonly #queue: Waiting[] = [];
  #held = 0;

  /** `capacity` is in whatever unit the sizes are. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Does the work when there is room for it; what is larger than all the room there is goes alone. Rejects with the signal's reason. */
  async hold<T>(size: number, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const share = Math.min(size, this.#capacity);
    await this.#enter(share, signal);
    try {
      return await work();
    } finally {
      this.#held -= share;
      this.#admit();
    }
  }

  #enter(size: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#queue.splice(this.#queue.indexOf(waiting), 1);
        // Whoever waited behind it may fit.
        this.#admit();
        reject(signal.reason as Error);
      };
      const waiting: Waiting = {
        size,
        start: () => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      if (signal.aborted) {
        reject(signal.reason as Error);
        return;
      }
      signal.addEventListener('abort', onAbort, { once: true });
      this.#queue.push(waiting);
      this.#admit();
    });
  }

  #admit(): void {
    for (let first = this.#queue[0]; first && this.#held + first.size <= this.#capacity; first = this.#queue[0]) {
      this.#queue.shift();
      this.#held += first.size;
      first.start();
    }
  }
}
