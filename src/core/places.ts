import type { CancelSignal } from './cancellation.js';

/** A number of places for what may go on at once; whoever finds none waits, first come, first served. */
export class Places {
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  constructor(private readonly most: number) {}

  get areFree(): boolean {
    return this.#taken === 0;
  }

  /** Resolves with a place, which is given back by `leave`. Rejects with the signal's reason when that fires before. */
  async take(signal: CancelSignal): Promise<void> {
    if (signal.aborted) throw signal.reason;
    if (this.#taken < this.most) this.#taken += 1;
    else await this.#wait(signal);
  }

  /** Whoever is next takes the place over. */
  leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#taken -= 1;
  }

  #wait(signal: CancelSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const enter = (): void => {
      signal.removeEventListener('abort', giveUp);
      resolve(undefined);
    };
    const giveUp = (): void => {
      this.#waiting.splice(this.#waiting.indexOf(enter), 1);
      reject(signal.reason);
    };
    signal.addEventListener('abort', giveUp, { once: true });
    this.#waiting.push(enter);
    return promise;
  }
}
