const SHARE_OF_IN_FLIGHT = 0.2;
const ALWAYS_ALLOWED = 3;

/** Keeps retries of one target from doubling the load of a struggling provider: at most 20 % of the requests in flight, at least 3. */
export class RetryBudget {
  #inFlight = 0;
  #retries = 0;

  get inFlight(): number {
    return this.#inFlight;
  }

  get retries(): number {
    return this.#retries;
  }

  /** A request began; the returned function, which acts once, says that it is over. */
  enter(): () => void {
    this.#inFlight += 1;
    return once(() => {
      this.#inFlight -= 1;
    });
  }

  /** Room for one retry, given back by the returned function, which acts once; null when the budget is spent. */
  take(): (() => void) | null {
    if (this.#retries >= Math.max(ALWAYS_ALLOWED, this.#inFlight * SHARE_OF_IN_FLIGHT)) return null;
    this.#retries += 1;
    return once(() => {
      this.#retries -= 1;
    });
  }
}

function once(action: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    action();
  };
}
