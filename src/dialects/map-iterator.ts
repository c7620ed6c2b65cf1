import type { ReadyIterator } from '../core/ready-iterator.js';

/**
 * An iterator that turns each element of a source into any number of others and appends some at its end. Hand-written,
 * because the `return()` of a generator that was never started would not reach the source.
 */
export class MapIterator<In, Out> implements AsyncIterableIterator<Out, undefined> {
  readonly #source: ReadyIterator<In>;
  readonly #map: (element: In, ready: Out[]) => void;
  readonly #finish: (ready: Out[]) => void;
  #ready: Out[] = [];
  #position = 0;
  #isOver = false;

  /** `map` and `finish` push what they make onto `ready`. `finish` runs only when the source ended well. */
  constructor(
    source: AsyncIterable<In>,
    map: (element: In, ready: Out[]) => void,
    finish: (ready: Out[]) => void = () => undefined,
  ) {
    this.#source = source[Symbol.asyncIterator]();
    this.#map = map;
    this.#finish = finish;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Out, undefined>> {
    while (this.#position >= this.#ready.length) {
      if (this.#isOver) return { done: true, value: undefined };
      await this.#fill();
    }
    const value = this.#ready[this.#position] as Out;
    this.#position++;
    return { done: false, value };
  }

  /** What is there without waiting. Throws what `map` throws. */
  take(): Out | undefined {
    while (this.#position >= this.#ready.length) {
      const element = this.#isOver ? undefined : this.#source.take?.();
      if (element === undefined) return undefined;
      this.#ready.length = 0;
      this.#position = 0;
      this.#mapReady(element);
    }
    const value = this.#ready[this.#position];
    this.#position++;
    return value;
  }

  async return(): Promise<IteratorResult<Out, undefined>> {
    this.#isOver = true;
    this.#ready = [];
    await this.#source.return?.();
    return { done: true, value: undefined };
  }

  #mapReady(element: In): void {
    try {
      this.#map(element, this.#ready);
    } catch (error) {
      this.#isOver = true;
      // The source has more, for nobody: whoever hears of the failure takes the source for ended.
      Promise.resolve(this.#source.return?.()).catch(() => undefined);
      throw error;
    }
  }

  async #fill(): Promise<void> {
    this.#ready.length = 0;
    this.#position = 0;
    try {
      const step = await this.#source.next();
      if (this.#isOver) return;
      if (step.done === true) {
        this.#isOver = true;
        this.#finish(this.#ready);
      } else this.#mapReady(step.value);
    } catch (error) {
      this.#isOver = true;
      throw error;
    }
  }
}
