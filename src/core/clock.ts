import type { CancelSignal } from './cancellation.js';

/** Time, injected so that tests can turn it by hand. */
export abstract class Clock {
  /** Wall-clock time in milliseconds since the Unix epoch. */
  abstract now(): number;
  /** Milliseconds on a clock that never jumps; only differences mean anything. */
  abstract monotonic(): number;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when the signal fires first. */
  abstract sleep(ms: number, signal?: CancelSignal): Promise<void>;
  /** Runs `callback` once after `ms` milliseconds; the returned function cancels it and may be called at any time. */
  abstract schedule(callback: () => void, ms: number): () => void;
}

// A timer of more than that, or of Infinity as for a call without a deadline, would fire at once.
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The machine's own clock; its timers keep the process alive only while something waits for them. */
export class SystemClock extends Clock {
  now(): number {
    return Date.now();
  }

  monotonic(): number {
    return performance.now();
  }

  sleep(ms: number, signal?: CancelSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(reasonOf(signal));
        return;
      }
      const onAbort = (): void => {
        clearTimeout(timer);
        if (signal) reject(reasonOf(signal));
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      }, ms);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  schedule(callback: () => void, ms: number): () => void {
    const timer = setTimeout(callback, Math.min(ms, LONGEST_TIMER_MS));
    timer.unref();
    return () => {
      clearTimeout(timer);
    };
  }
}

function reasonOf(signal: CancelSignal): Error {
  return signal.reason as Error;
}
