import type { Clock } from '../core/clock.js';
import { giveBackAll, type CallLimits, type Taken } from './call-limits.js';

/** The leave of one admission: what it has taken from the limits. Each of its ends counts once, whoever comes first. */
export class LimitTicket {
  readonly #call: CallLimits;
  readonly #tokens: readonly Taken[];
  readonly #clock: Clock;
  #isSettled = false;
  #isOver = false;

  constructor(call: CallLimits, tokens: readonly Taken[], clock: Clock) {
    this.#call = call;
    this.#tokens = tokens;
    this.#clock = clock;
  }

  /** Puts the real number of tokens in place of the estimate, where the minute is still the same. */
  settle(tokens: number): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    const now = this.#clock.monotonic();
    for (const { meter, window, amount } of this.#tokens) meter.giveBack(window, amount - tokens, now);
  }

  /** The call is over: its seats are free. */
  leave(): void {
    this.#end(true);
  }

  /** Nothing was dispatched: gives tokens, seats and the request back. */
  cancel(): void {
    if (this.#isOver) return;
    if (!this.#isSettled) giveBackAll(this.#tokens, this.#clock.monotonic());
    this.#isSettled = true;
    this.#end(false);
  }

  #end(wasDispatched: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#call.leave(wasDispatched, this.#clock.monotonic());
  }
}
