import { Clock } from '../../src/core/clock.js';

interface Timer {
  at: number;
  order: number;
  callback: () => void;
}

/** A clock that stands still until a test advances it; timers fire in the order of their times. */
export class FakeClock extends Clock {
  readonly #timers = new Set<Timer>();
  #startedAt: number;
  #elapsed = 0;
  #order = 0;

  /** `startsAt` is the wall-clock time in milliseconds at which the clock begins. */
  constructor(startsAt = Date.UTC(2026, 0, 1)) {
    super();
    this.#startedAt = startsAt;
  }

  /** How many timers wait: zero once everything was cancelled or fired. */
  get pendingTimers(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#startedAt + this.#elapsed;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason as Error);
        return;
      }
      const onAbort = (): void => {
        cancel();
        reject(signal?.reason as Error);
      };
      const cancel = this.schedule(() => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      }, ms);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  schedule(callback: () => void, ms: number): () => void {
    const timer: Timer = { at: this.#elapsed + Math.max(0, ms), order: this.#order++, callback };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  /** Puts the wall clock forward by `ms`, or back; timers and the monotonic clock know nothing of it. */
  jump(ms: number): void {
    this.#startedAt += ms;
  }

  /** Moves time on by `ms`, firing what falls due on the way; what was waiting on it has run when this resolves. */
  async advance(ms: number): Promise<void> {
    const end = this.#elapsed + ms;
    await settle();
    for (let timer = this.#next(end); timer; timer = this.#next(end)) {
      this.#timers.delete(timer);
      this.#elapsed = Math.max(this.#elapsed, timer.at);
      timer.callback();
      await settle();
    }
    this.#elapsed = end;
    await settle();
  }

  #next(end: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.at > end) continue;
      if (!first || timer.at < first.at || (timer.at === first.at && timer.order < first.order)) first = timer;
    }
    return first;
  }
}

// A macrotask comes after every microtask that is ready, however long the chain of promises.
function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
