import type { Clock } from '../../core/clock.js';
import type { HedgeRefusal, Telemetry } from '../../core/telemetry/telemetry.js';
import { ProviderError } from '../provider-error.js';
import { FAILURE_RULES } from '../resilience/failure-rules.js';
import type { Journey } from '../resilience/journey.js';
import type { RetryBudget } from '../resilience/retry-budget.js';
import { MAX_EXTRA_ATTEMPTS } from '../resilience/retry-policy.js';
import type { RunningAttempt } from '../resilience/running-attempt.js';
import type { Seat, Target } from '../resilience/target.js';
import type { CallSort, Hedging } from './hedging.js';

/** What is hedged: by whose rules, and what sort of call it is at a target. */
export interface HedgeTerms {
  readonly hedging: Hedging;
  sortAt(target: Target): CallSort;
}

interface RaceParts<T> {
  readonly terms: HedgeTerms;
  readonly journey: Journey;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly budget: RetryBudget;
  readonly dispatch: (seat: Seat) => RunningAttempt;
  readonly perform: (attempt: RunningAttempt, target: Target) => Promise<T>;
}

/** The answer and the attempt that it came from; or the last failure, and where that was. */
type RaceResult<T> =
  | { readonly type: 'answered'; readonly answer: T; readonly attempt: RunningAttempt }
  | { readonly type: 'failed'; readonly error: ProviderError; readonly seat: Seat };

interface Runner {
  readonly seat: Seat;
  readonly attempt: RunningAttempt;
  hasFailed: boolean;
}

/**
 * One attempt, and a second one at another target when the first is silent for unusually long. Whichever has content first
 * answers; the other is cancelled in the very moment, so that never two of them answer.
 */
export class HedgeRace<T> {
  readonly #parts: RaceParts<T>;
  readonly #first: Runner;
  readonly #startedAt: number;
  readonly #done: Promise<RaceResult<T>>;
  #resolve: (result: RaceResult<T>) => void = () => undefined;
  #second: Runner | null = null;
  #winner: Runner | null = null;
  #isOver = false;
  #cancelTimer: (() => void) | null = null;
  #giveBackRetry: (() => void) | null = null;

  constructor(seat: Seat, parts: RaceParts<T>) {
    this.#parts = parts;
    this.#startedAt = parts.clock.monotonic();
    this.#done = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#first = this.#start(seat);
    this.#wait(seat.target);
  }

  /** How it ended. Never rejects. */
  get result(): Promise<RaceResult<T>> {
    return this.#done;
  }

  #start(seat: Seat): Runner {
    const runner: Runner = { seat, attempt: this.#parts.dispatch(seat), hasFailed: false };
    runner.attempt.beforeCommit(() => {
      this.#win(runner);
    });
    this.#parts.perform(runner.attempt, seat.target).then(
      (answer) => {
        this.#end({ type: 'answered', answer, attempt: runner.attempt });
      },
      (thrown: unknown) => {
        this.#lose(runner, runner.attempt.fail(thrown));
      },
    );
    return runner;
  }

  #wait(target: Target): void {
    const { terms, journey, clock } = this.#parts;
    if (journey.hasHedged || journey.dispatchedCount > MAX_EXTRA_ATTEMPTS) return;
    const delayMs = terms.hedging.delayMs(target, terms.sortAt(target));
    if (delayMs === null) return;
    this.#cancelTimer = clock.schedule(() => {
      this.#cancelTimer = null;
      void this.#hedge();
    }, delayMs);
  }

  async #hedge(): Promise<void> {
    const { terms, journey, budget } = this.#parts;
    if (!terms.hedging.take()) {
      this.#refuse('share');
      return;
    }
    const giveBackRetry = budget.take();
    if (!giveBackRetry) {
      terms.hedging.giveBack();
      this.#refuse('retries');
      return;
    }
    this.#giveBackRetry = giveBackRetry;
    const isPaidFor = await this.#isPaidFor();
    // It may all have been over while somebody was asked.
    const seat = isPaidFor && this.#isUndecided ? journey.takeSeatBeside(this.#first.seat.target) : null;
    if (seat) {
      journey.hasHedged = true;
      this.#second = this.#start(seat);
      this.#second.attempt.record.purpose = 'hedge';
      return;
    }
    giveBackRetry();
    terms.hedging.giveBack();
    if (this.#isUndecided) this.#refuse(isPaidFor ? 'no-target' : 'budget');
  }

  // What the first request may cost is reserved already; what both may cost is asked for here.
  async #isPaidFor(): Promise<boolean> {
    const { beforeRetry } = this.#parts.journey.call;
    if (!beforeRetry) return true;
    try {
      await beforeRetry();
      return true;
    } catch {
      return false;
    }
  }

  get #isUndecided(): boolean {
    return !this.#isOver && !this.#winner && !this.#first.hasFailed && !this.#parts.journey.call.signal.aborted;
  }

  #refuse(reason: HedgeRefusal): void {
    this.#parts.telemetry.hedgeRefused({ ...this.#silentTarget, reason });
  }

  get #silentTarget(): { provider: string; model: string } {
    const { provider, model } = this.#first.attempt.record;
    return { provider, model };
  }

  // Called by the attempt itself right before its content is the client's.
  #win(runner: Runner): void {
    // An answer that was empty and over is not cancelled any more when the other one comes in the same moment.
    if (this.#winner) throw new ProviderError('aborted', 'Another target answered first.');
    this.#winner = runner;
    this.#cancelTimer?.();
    this.#noteFirst();
    this.#other(runner)?.attempt.cancel('Another target answered first.');
    if (this.#second) this.#tell(runner === this.#second ? 'won' : 'lost');
  }

  // The first attempt's time, or how long it was silent when the second one answered.
  #noteFirst(): void {
    if (this.#first.hasFailed) return;
    const { terms, clock } = this.#parts;
    const { target } = this.#first.seat;
    terms.hedging.note(target, terms.sortAt(target), clock.monotonic() - this.#startedAt);
  }

  #lose(runner: Runner, error: ProviderError): void {
    runner.hasFailed = true;
    if (this.#isOver || (this.#winner && this.#winner !== runner)) return;
    const other = this.#winner ? null : this.#other(runner);
    if (other && !other.hasFailed) {
      if (runner === this.#second || isWorthWaiting(error)) {
        this.#parts.journey.leave(runner.seat.target);
        this.#giveBackRetry?.();
        return;
      }
      // What the preferred target says of the request itself holds: the other one is not asked for another opinion.
      other.attempt.cancel('The request itself was refused.');
    }
    if (this.#second) this.#tell('failed');
    this.#end({ type: 'failed', error, seat: runner.seat });
  }

  #other(runner: Runner): Runner | null {
    return runner === this.#first ? this.#second : this.#first;
  }

  #tell(outcome: 'won' | 'lost' | 'failed'): void {
    this.#parts.telemetry.hedgeFinished({ ...this.#silentTarget, outcome });
  }

  #end(result: RaceResult<T>): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancelTimer?.();
    this.#giveBackRetry?.();
    this.#resolve(result);
  }
}

function isWorthWaiting(error: ProviderError): boolean {
  return FAILURE_RULES[error.kind].failOver && !error.sendAgain;
}
