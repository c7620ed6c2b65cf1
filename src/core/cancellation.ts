/**
 * Tells that something is not wanted any more. It is the part of an AbortSignal that is used here, and any AbortSignal is
 * one; listeners are called once.
 */
export interface CancelSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void, options?: { once: true }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** A signal and the way to fire it. An AbortController does the same, at ten times the price: every request has several. */
export class Cancellation implements CancelSignal {
  aborted = false;
  reason: unknown = undefined;
  #listeners: (() => void)[] | null = null;

  /** How many wait for it. */
  get listenerCount(): number {
    return this.#listeners?.length ?? 0;
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    if (this.aborted) return;
    if (this.#listeners) this.#listeners.push(listener);
    else this.#listeners = [listener];
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    const index = this.#listeners?.indexOf(listener) ?? -1;
    if (index >= 0) this.#listeners?.splice(index, 1);
  }

  /** Calls every listener in the order they came, all of them even if one throws; does nothing when it was called before. */
  abort(reason?: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    this.#callListeners();
  }

  // Each of them gives something back: a socket, a permit, a place in a queue.
  #callListeners(): void {
    const listener = this.#listeners?.shift();
    if (!listener) return;
    try {
      listener();
    } finally {
      this.#callListeners();
    }
  }
}

/** The signal for an API that takes nothing else; it fires with the same reason. */
export function toAbortSignal(signal: CancelSignal): AbortSignal {
  if (signal instanceof AbortSignal) return signal;
  const controller = new AbortController();
  if (signal.aborted) controller.abort(signal.reason);
  else {
    signal.addEventListener('abort', () => {
      controller.abort(signal.reason);
    });
  }
  return controller.signal;
}
