import type { TimeoutConfig } from '../../config/gateway-config.js';
import type { CallContext } from '../../core/call-context.js';
import type { Clock } from '../../core/clock.js';
import { AppError } from '../../core/errors/app-error.js';
import type { Telemetry } from '../../core/telemetry/telemetry.js';
import { ProviderError } from '../provider-error.js';
import { toAbortError, toAppError } from '../to-app-error.js';
import { explainUnavailability } from './explain-unavailability.js';
import { Journey } from './journey.js';
import { RetryBudget } from './retry-budget.js';
import { MAX_EXTRA_ATTEMPTS, MAX_WAIT_MS, RetryPolicy, type Step } from './retry-policy.js';
import { RunningAttempt } from './running-attempt.js';
import type { Seat, Target } from './target.js';

/** Waiters for one cool-down come back spread over this long. */
const SPREAD_MS = 250;

/** What is to be done, and where it may be done. */
export interface AttemptPlan<T> {
  /** In order of preference; at least one. */
  readonly targets: readonly Target[];
  /** Milliseconds for the whole call, all its attempts and waits together. */
  readonly totalMs: number;
  /** The other timers of an attempt at the target. */
  timeoutsFor(target: Target): TimeoutConfig;
  /** Milliseconds from dispatch to the first content; Infinity for calls whose response head has its own timer. */
  firstContentMsFor(target: Target): number;
  /** Sends one request. Resolves when the answer is the client's; what it throws may lead to another attempt. */
  perform(attempt: RunningAttempt, target: Target): Promise<T>;
}

/** Drives the attempts of a call: picks targets and credentials, tries again, fails over, and gives up with an AppError. */
export class AttemptPlanner {
  readonly #clock: Clock;
  readonly #telemetry: Telemetry;
  readonly #policy: RetryPolicy;
  readonly #budget: RetryBudget;

  constructor(clock: Clock, telemetry: Telemetry, policy = new RetryPolicy(), budget = new RetryBudget()) {
    this.#clock = clock;
    this.#telemetry = telemetry;
    this.#policy = policy;
    this.#budget = budget;
  }

  /** Rejects with an AppError, or a ClientGoneError when nobody waits any more. */
  async run<T>(plan: AttemptPlan<T>, call: CallContext): Promise<T> {
    const leave = this.#budget.enter();
    const journey = new Journey(plan.targets, plan.totalMs, this.#clock, call);
    try {
      let seat = await this.#firstSeat(journey);
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

  #dispatch<T>(seat: Seat, plan: AttemptPlan<T>, journey: Journey): RunningAttempt {
    const { target } = seat;
    const timeouts = plan.timeoutsFor(target);
    journey.dispatched(seat);
    const limits = {
      firstContentMs: plan.firstContentMsFor(target),
      idleMs: timeouts.idleMs,
      totalAt: journey.totalAt,
      deadlineAt: journey.deadlineAt,
    };
    return new RunningAttempt({ seat, call: journey.call, timeouts, limits }, this.#clock, this.#telemetry);
  }

  async #firstSeat(journey: Journey): Promise<Seat> {
    for (;;) {
      this.#refuseWhenOver(journey);
      const seat = journey.takeSeatElsewhere();
      if (seat) return seat;
      const coolDownMs = journey.coolDownMs();
      const canWait = journey.waitedMs + coolDownMs <= MAX_WAIT_MS && coolDownMs < journey.remainingMs();
      if (!canWait) throw explainUnavailability(journey.targets);
      await this.#wait(journey, coolDownMs + this.#policy.jitterMs(SPREAD_MS));
    }
  }

  async #nextSeat(journey: Journey, last: Seat, error: ProviderError): Promise<Seat> {
    journey.endRetry();
    if (journey.call.signal.aborted) throw toAbortError(journey.call);
    const step = this.#withinBudget(this.#decide(journey, last, error), journey, last);
    const seat = await this.#take(step, journey, last);
    if (seat) return seat;
    throw giveUp(journey, last.target, error);
  }

  #decide(journey: Journey, last: Seat, error: ProviderError): Step {
    return this.#policy.decide({
      error,
      attemptsLeft: 1 + MAX_EXTRA_ATTEMPTS - journey.dispatchedCount,
      retriesOfTarget: journey.retriesOf(last.target),
      hasOtherCredential: last.target.provider.credentials.hasUsable(last.target.model, journey.usedCredentials),
      hasOtherTarget: journey.hasOtherTarget(last.target),
      waitedMs: journey.waitedMs,
      remainingMs: journey.remainingMs(),
    });
  }

  #withinBudget(step: Step, journey: Journey, last: Seat): Step {
    if (step.type !== 'same-target') return step;
    const giveBack = this.#budget.take();
    if (giveBack) {
      journey.beginRetry(giveBack);
      return step;
    }
    return journey.hasOtherTarget(last.target) ? { type: 'fail-over' } : { type: 'give-up' };
  }

  async #take(step: Step, journey: Journey, last: Seat): Promise<Seat | null> {
    switch (step.type) {
      case 'give-up':
        return null;
      case 'other-credential':
        return last.target.takeSeat(journey.usedCredentials) ?? this.#failOver(journey, last.target);
      case 'same-target': {
        await this.#wait(journey, step.delayMs);
        journey.retried(last.target);
        return last.target.takeSeatWith(last.credential) ?? this.#failOver(journey, last.target);
      }
      case 'fail-over':
        return this.#failOver(journey, last.target);
    }
  }

  #failOver(journey: Journey, failed: Target): Seat | null {
    journey.leave(failed);
    return journey.takeSeatElsewhere();
  }

  async #wait(journey: Journey, ms: number): Promise<void> {
    journey.waitedMs += ms;
    try {
      await this.#clock.sleep(ms, journey.call.signal);
    } catch {
      throw toAbortError(journey.call);
    }
  }

  #refuseWhenOver(journey: Journey): void {
    if (journey.call.signal.aborted) throw toAbortError(journey.call);
    if (journey.remainingMs() <= 0) {
      throw toAppError(new ProviderError('aborted', "The client's deadline ran out."), journey.dispatchedCount);
    }
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
  return toAppError(error, journey.dispatchedCount);
}
