import type { CallContext } from '../core/call-context.js';
import type { Clock } from '../core/clock.js';
import { AppError } from '../core/errors/app-error.js';
import type { OverloadReason } from '../core/telemetry/admission-telemetry.js';
import type { Telemetry } from '../core/telemetry/telemetry.js';
import { WaitingLine } from '../core/waiting-line.js';
import type { Verdict } from './overload-judge.js';
import { Seats } from './seats.js';

/** How often it is asked whose the seats are, at most. */
const SETTLE_MS = 5;
/** Those who were turned away come back spread over this time and not all at once. */
const RETRY_SPREAD_MS = 1_000;
const LEAST_RETRY_MS = 1_000;
/** For so long after somebody had to wait, work that can wait had better do so. */
const CONTENTION_MS = 1_000;
/** How often it is looked for the end of that, and for how long work that can wait does. */
const CALM_MS = 250;
const PATIENCE_MS = 5_000;

const MESSAGES: Readonly<Record<OverloadReason, string>> = {
  full: 'The server has as many requests under way as it can take.',
  waited: 'The server has as many requests under way as it can take.',
  'event-loop': 'The server is busier than it can bear.',
  heap: 'The server has not enough memory for more requests.',
  memory: 'The server has not enough memory for more requests.',
  bodies: 'The bodies of the requests under way take all the memory there is for them.',
};

/** How many seats there are, how many may wait for one, and how long at most. */
export interface GateTerms {
  readonly maxSeats: number;
  readonly queueSize: number;
  readonly waitMs: number;
}

interface Waiter {
  readonly owner: string;
  /** With an error when it is not let in. */
  readonly settle: (error: Error | null) => void;
}

/** Lets so many requests be under way at once; some more wait a moment, by turns among projects, and all others are told at once. */
export class SeatGate {
  readonly #seats = new Seats(() => {
    if (this.#line.length > 0) this.#serve();
  });
  readonly #line: WaitingLine<Waiter>;
  #limit: number;
  #reason: Verdict['reason'] = null;
  #settledAt = -Infinity;
  #contendedAt = -Infinity;

  constructor(
    private readonly terms: GateTerms,
    private readonly clock: Clock,
    private readonly telemetry: Telemetry,
  ) {
    this.#limit = terms.maxSeats;
    this.#line = new WaitingLine(terms.queueSize);
  }

  get inFlight(): number {
    return this.#seats.taken;
  }

  get queued(): number {
    return this.#line.length;
  }

  get limit(): number {
    return this.#limit;
  }

  /** True while requests have to wait or are turned away, and a moment longer. */
  get isContended(): boolean {
    return this.#reason !== null || this.clock.monotonic() - this.#contendedAt < CONTENTION_MS;
  }

  /**
   * For work that nobody waits for: null when it may go on, else a promise that resolves when no request has to wait any more,
   * or after some seconds, so that it never stands still.
   */
  relief(): Promise<void> | null {
    return this.isContended ? this.#calm() : null;
  }

  /**
   * Takes a seat for a call until it is over: null when it has one, a promise when it has to wait, which rejects with the
   * signal's reason when the call is aborted. Throws or rejects with `overloaded` when there is none. Only where seats are
   * scarce it is asked whose the call is: `whose`, with what it needs for that.
   */
  enter<T>(call: CallContext, whose: (asked: T) => string, asked: T): Promise<void> | null {
    if (this.#seats.taken < this.#limit) {
      this.#seats.take(call, null);
      return null;
    }
    const now = this.clock.monotonic();
    this.#contendedAt = now;
    if (this.#limit === 0) throw this.#refusal();
    return this.#contend(call, whose(asked), now);
  }

  /** From now on so many requests may be under way; those that are stay. */
  adjust({ seats, reason }: Verdict): void {
    this.#limit = seats;
    this.#reason = reason;
    if (reason !== null) this.#contendedAt = this.clock.monotonic();
    this.#serve();
  }

  async #calm(): Promise<void> {
    for (let waitedMs = 0; this.isContended && waitedMs < PATIENCE_MS; waitedMs += CALM_MS) {
      await this.clock.sleep(CALM_MS);
    }
  }

  #contend(call: CallContext, owner: string, now: number): Promise<void> | null {
    if (now - this.#settledAt >= SETTLE_MS) {
      this.#settledAt = now;
      this.#seats.settle();
    }
    if (this.#seats.hasExtraFor(owner, this.#limit)) {
      this.#seats.take(call, owner);
      return null;
    }
    if (!this.#line.hasRoomFor(owner) || this.terms.waitMs === 0) throw this.#refusal();
    return this.#wait(call, owner, now);
  }

  #wait(call: CallContext, owner: string, since: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const { signal } = call;
    const waiter: Waiter = {
      owner,
      settle: (error) => {
        cancel();
        signal.removeEventListener('abort', leave);
        if (error) {
          reject(error);
          return;
        }
        this.#seats.take(call, owner);
        this.telemetry.admissionWaited({ seconds: (this.clock.monotonic() - since) / 1_000 });
        resolve(undefined);
      },
    };
    const leave = (): void => {
      this.#line.remove(owner, waiter);
      waiter.settle(signal.aborted ? (signal.reason as Error) : this.#refusal('waited'));
    };
    const cancel = this.clock.schedule(leave, this.terms.waitMs);
    signal.addEventListener('abort', leave, { once: true });
    this.#line.push(owner, waiter)?.settle(this.#refusal());
    return promise;
  }

  #serve(): void {
    while (this.#line.length > 0 && this.#seats.taken < this.#limit) this.#line.shift()?.settle(null);
    if (this.#line.length > 0 && this.#limit > 0) this.#serveTheFewer();
  }

  // Who holds less than the share does not wait until what was given beyond the limit is paid back.
  #serveTheFewer(): void {
    for (const waiter of [...this.#line.heads()]) {
      if (!this.#seats.hasExtraFor(waiter.owner, this.#limit)) continue;
      this.#line.remove(waiter.owner, waiter);
      waiter.settle(null);
    }
  }

  #refusal(reason: OverloadReason = this.#reason ?? 'full'): AppError {
    this.telemetry.admissionRefused({ reason });
    return overloaded(reason);
  }
}

/** The refusal of what would be too much for this process now. */
function overloaded(reason: OverloadReason): AppError {
  return new AppError('overloaded', `${MESSAGES[reason]} Try again in a moment.`, {
    retryAfterMs: LEAST_RETRY_MS + Math.floor(Math.random() * RETRY_SPREAD_MS),
  });
}
