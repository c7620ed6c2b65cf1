import type { Clock } from '../../core/clock.js';
import { ProviderError } from '../provider-error.js';
import type { LimitSlot } from '../limits/limit-slot.js';
import { toAbortError, toAppError } from '../to-app-error.js';
import { explainLimits, explainUnavailability } from './explain-unavailability.js';
import type { Journey, Wish } from './journey.js';
import { MAX_WAIT_MS, type RetryPolicy, type Step } from './retry-policy.js';
import type { Seat, Target } from './target.js';

/** Waiters for one cool-down come back spread over this long. */
const SPREAD_MS = 250;

/** A slot that was waited for. */
interface Turn {
  readonly target: Target;
  readonly slot: LimitSlot;
}

/** Finds the seat for the next attempt of a call, and waits for one where that is worth it. */
export class SeatFinder {
  readonly #clock: Clock;
  readonly #policy: RetryPolicy;

  constructor(clock: Clock, policy: RetryPolicy) {
    this.#clock = clock;
    this.#policy = policy;
  }

  /** The seat of the first attempt. Rejects with an AppError when there is none, and as `refuseWhenOver`. */
  async first(journey: Journey): Promise<Seat> {
    for (;;) {
      refuseWhenOver(journey);
      const seat = journey.takeSeatElsewhere();
      if (seat) return seat;
      const limited = journey.limitedTargets();
      if (limited.length > 0) {
        const turn = await this.#waitForTurn(journey, limited);
        if (!turn) {
          noteRefusal(journey);
          throw explainLimits(journey);
        }
        const queued = seatOf(journey, turn);
        if (queued) return queued;
        continue;
      }
      const coolDownMs = journey.coolDownMs();
      const canWait = journey.waitedMs + coolDownMs <= MAX_WAIT_MS && coolDownMs < journey.remainingMs();
      if (!canWait) throw explainUnavailability(journey.targets);
      await this.#wait(journey, coolDownMs + this.#policy.jitterMs(SPREAD_MS));
    }
  }

  /** The seat that the step leads to after an attempt failed; null when the call has to give up. */
  async next(journey: Journey, last: Seat, step: Step): Promise<Seat | null> {
    switch (step.type) {
      case 'give-up':
        return null;
      case 'other-credential':
        return this.#stay(journey, last.target, { excluded: journey.usedCredentialsOf(last.target) });
      case 'same-target':
        await this.#wait(journey, step.delayMs);
        journey.retried(last.target);
        return this.#stay(journey, last.target, { credential: last.credential });
      case 'fail-over':
        journey.leave(last.target);
        return journey.takeSeatElsewhere() ?? this.#queue(journey, journey.limitedTargets());
    }
  }

  // Waits for the target's own limit only when no other target takes the request now.
  async #stay(journey: Journey, target: Target, wish: Wish): Promise<Seat | null> {
    const seat = journey.takeSeat(target, wish);
    if (seat) return seat;
    journey.leave(target);
    const elsewhere = journey.takeSeatElsewhere();
    if (elsewhere) return elsewhere;
    const isLimited = target.provider.limiter !== null && target.breaker.isAvailable();
    return isLimited ? this.#queue(journey, [target], wish) : this.#queue(journey, journey.limitedTargets());
  }

  async #queue(journey: Journey, targets: readonly Target[], wish?: Wish): Promise<Seat | null> {
    const turn = await this.#waitForTurn(journey, targets);
    return turn && seatOf(journey, turn, wish);
  }

  // Null when there is no room in a queue, or the turn does not come in time.
  async #waitForTurn(journey: Journey, targets: readonly Target[]): Promise<Turn | null> {
    const target = soonest(journey, targets);
    const limiter = target?.provider.limiter;
    if (!target || !limiter) return null;
    const startedAt = this.#clock.monotonic();
    const slot = await limiter.wait({
      ...journey.slotRequest(target),
      limitMs: Math.min(limiter.waitLimitMs - journey.queuedMs, journey.remainingMs()),
      signal: journey.call.signal,
    });
    journey.queuedMs += this.#clock.monotonic() - startedAt;
    try {
      refuseWhenOver(journey);
    } catch (error) {
      slot?.cancel();
      throw error;
    }
    return slot && { target, slot };
  }

  async #wait(journey: Journey, ms: number): Promise<void> {
    journey.waitedMs += ms;
    try {
      await this.#clock.sleep(ms, journey.call.signal);
    } catch {
      throw toAbortError(journey.call);
    }
  }
}

// Null when the target has fallen ill while the request waited, and there is no other.
function seatOf(journey: Journey, { target, slot }: Turn, wish: Wish = {}): Seat | null {
  return journey.takeSeat(target, { ...wish, slot }) ?? journey.takeSeatElsewhere();
}

function noteRefusal(journey: Journey): void {
  const limiters = new Set(journey.limitedTargets().map(({ provider }) => provider.limiter));
  for (const limiter of limiters) limiter?.noteRefusal();
}

// Where the turn comes first; among those with room in their queue.
function soonest(journey: Journey, targets: readonly Target[]): Target | null {
  let best: Target | null = null;
  let bestMs = Infinity;
  for (const target of targets) {
    const { limiter } = target.provider;
    const request = journey.slotRequest(target);
    if (!limiter?.hasRoomFor(request.project)) continue;
    const waitMs = limiter.retryAfterMs(request);
    if (waitMs >= bestMs) continue;
    best = target;
    bestMs = waitMs;
  }
  return best;
}

/** Throws when nobody waits any more, or the client's deadline has passed. */
function refuseWhenOver(journey: Journey): void {
  if (journey.call.signal.aborted) throw toAbortError(journey.call);
  if (journey.remainingMs() <= 0) {
    throw toAppError(new ProviderError('aborted', "The client's deadline ran out."), journey.dispatchedCount);
  }
}
