import type { TimeoutConfig } from '../../config/gateway-config.js';
import type { CallContext } from '../../core/call-context.js';
import type { Clock } from '../../core/clock.js';
import { AppError } from '../../core/errors/app-error.js';
import type { Telemetry } from '../../core/telemetry/telemetry.js';
import { HedgeRace, type HedgeTerms } from '../hedging/hedge-race.js';
import { ProviderError } from '../provider-error.js';
import { toAbortError, toAppError } from '../to-app-error.js';
import { beginSpan, type TracedPlan } from './begin-span.js';
import { Journey, type JourneyPlan } from './journey.js';
import { RetryBudget } from './retry-budget.js';
import { MAX_EXTRA_ATTEMPTS, RetryPolicy, type Step } from './retry-policy.js';
import { RunningAttempt } from './running-attempt.js';
import { SeatFinder } from './seat-finder.js';
import type { Seat, Target } from './target.js';

const SHORTEST_RETRY_AFTER_MS = 1_000;
const SEND_AGAIN: Step = { type: 'same-target', delayMs: 0 };

/** What is to be done, and where it may be done. */
export interface AttemptPlan<T> extends JourneyPlan, TracedPlan {
  /** The other timers of an attempt at the target. */
  timeoutsFor(target: Target): TimeoutConfig;
  /** Milliseconds from dispatch to the first content, of those timers; Infinity for calls whose response head has its own. */
  firstContentMsOf(timeouts: TimeoutConfig): number;
  /** When a second request may go to another target beside a silent one; missing where none ever does. */
  readonly hedging?: HedgeTerms | null;
  /** Sends one request. Resolves when the answer is the client's; what it throws may lead to another attempt. */
  perform(attempt: RunningAttempt, target: Target): Promise<T>;
}

/** A call that has its first seat; `leave` gives back its place among the requests in flight. */
interface Start {
  readonly journey: Journey;
  readonly seat: Seat;
  readonly leave: () => void;
}

/** Drives the attempts of a call: picks targets and credentials, tries again, fails over, and gives up with an AppError. */
export class AttemptPlanner {
  readonly #clock: Clock;
  readonly #telemetry: Telemetry;
  readonly #policy: RetryPolicy;
  readonly #budget: RetryBudget;
  readonly #seats: SeatFinder;

  constructor(clock: Clock, telemetry: Telemetry, policy = new RetryPolicy(), budget = new RetryBudget()) {
    this.#clock = clock;
    this.#telemetry = telemetry;
    this.#policy = policy;
    this.#budget = budget;
    this.#seats = new SeatFinder(clock, policy);
  }

  /** Room for one more request to a target that has just failed, until the given function is called; null without any. */
  takeRetry(): (() => void) | null {
    return this.#budget.take();
  }

  /** Rejects with an AppError, or a ClientGoneError when nobody waits any more. */
  async run<T>(plan: AttemptPlan<T>, call: CallContext): Promise<T> {
    const leave = this.#budget.enter();
    const journey = new Journey(plan, this.#clock, call);
    try {
      let seat = await this.#seats.first(journey);
      if (plan.hedging) return await this.#runHedged(plan, plan.hedging, { journey, seat, leave });
      for (;;) {
        const attempt = this.#dispatch(seat, plan, journey);
        try {
          const answer = await plan.perform(attempt, seat.target);
          journey.endRetry();
          attempt.onSettled(leave);
          return answer;
        } catch (thrown) {
          seat = await this.#nextSeat(journey, seat, attempt.fail(thrown));
        }
      }
    } catch (error) {
      journey.endRetry();
      leave();
      throw error;
    }
  }

  async #runHedged<T>(plan: AttemptPlan<T>, terms: HedgeTerms, { journey, seat, leave }: Start): Promise<T> {
    terms.hedging.began();
    const parts = {
      terms,
      journey,
      clock: this.#clock,
      telemetry: this.#telemetry,
      budget: this.#budget,
      dispatch: (next: Seat) => this.#dispatch(next, plan, journey),
      perform: (attempt: RunningAttempt, target: Target) => plan.perform(attempt, target),
    };
    for (let next = seat; ;) {
      const result = await new HedgeRace(next, parts).result;
      if (result.type === 'failed') {
        next = await this.#nextSeat(journey, result.seat, result.error);
        continue;
      }
      journey.endRetry();
      result.attempt.onSettled(leave);
      return result.answer;
    }
  }

  #dispatch<T>(seat: Seat, plan: AttemptPlan<T>, journey: Journey): RunningAttempt {
    const { target } = seat;
    const timeouts = plan.timeoutsFor(target);
    journey.dispatched(seat);
    const limits = {
      firstContentMs: plan.firstContentMsOf(timeouts),
      idleMs: timeouts.idleMs,
      totalAt: journey.totalAt,
      deadlineAt: journey.deadlineAt,
    };
    const { call } = journey;
    const trace = call.trace && beginSpan(call.trace, plan, journey);
    return new RunningAttempt({ seat, call, timeouts, limits, trace }, this.#clock, this.#telemetry);
  }

  async #nextSeat(journey: Journey, last: Seat, error: ProviderError): Promise<Seat> {
    journey.endRetry();
    if (journey.call.signal.aborted) throw toAbortError(journey.call);
    const step = this.#withinBudget(this.#decide(journey, last, error), journey, last);
    if (step.type !== 'give-up') await this.#askBeforeRetry(journey);
    const seat = await this.#seats.next(journey, last, step);
    if (seat) {
      const way = seat.target === last.target ? 'retry' : 'failover';
      this.#telemetry.requestRepeated({ provider: last.target.provider.config.name, model: last.target.model, way });
      return seat;
    }
    throw giveUp(journey, last.target, error);
  }

  // Whoever is asked may have to ask the database: the client may have left meanwhile.
  async #askBeforeRetry({ call }: Journey): Promise<void> {
    if (!call.beforeRetry) return;
    await call.beforeRetry();
    if (call.signal.aborted) throw toAbortError(call);
  }

  #decide(journey: Journey, last: Seat, error: ProviderError): Step {
    const attemptsLeft = 1 + MAX_EXTRA_ATTEMPTS - journey.dispatchedCount;
    if (error.sendAgain && attemptsLeft > 0) return SEND_AGAIN;
    if (error.kind === 'context-length' && attemptsLeft > 0 && journey.seekLargerWindow(last.target)) {
      return { type: 'fail-over' };
    }
    return this.#policy.decide({
      error,
      attemptsLeft,
      retriesOfTarget: journey.retriesOf(last.target),
      hasOtherCredential: last.target.provider.credentials.hasUsable(
        last.target.model,
        journey.usedCredentialsOf(last.target),
      ),
      hasOtherTarget: journey.hasOtherTarget(last.target),
      waitedMs: journey.waitedMs,
      remainingMs: journey.remainingMs(),
    });
  }

  #withinBudget(step: Step, journey: Journey, last: Seat): Step {
    // What a server did not understand is no failure of its, and costs no more than the asking.
    if (step.type !== 'same-target' || step === SEND_AGAIN) return step;
    const giveBack = this.#budget.take();
    if (giveBack) {
      journey.beginRetry(giveBack);
      return step;
    }
    return journey.hasOtherTarget(last.target) ? { type: 'fail-over' } : { type: 'give-up' };
  }
}

function giveUp(journey: Journey, target: Target, error: ProviderError): AppError {
  if (error.kind === 'model-not-found' && !target.isConfigured) {
    return new AppError(
      'model_not_found',
      'The provider does not know this model. GET /v1/models lists those there are.',
      {
        param: 'model',
        cause: error,
      },
    );
  }
  return toAppError(withRetryAfter(error, target), journey.dispatchedCount);
}

// A client that is told to come back later is told when, also where the provider did not say: after our own cool-down.
function withRetryAfter(error: ProviderError, target: Target): ProviderError {
  if (error.kind !== 'rate-limited' || (error.retryAfterMs ?? 0) > 0) return error;
  const retryAfterMs = target.provider.credentials.blockage(target.model)?.retryAfterMs ?? SHORTEST_RETRY_AFTER_MS;
  return new ProviderError(error.kind, error.message, { retryAfterMs, status: error.status, cause: error.cause });
}
