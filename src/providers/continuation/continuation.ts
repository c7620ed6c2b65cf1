import type { CallContext } from '../../core/call-context.js';
import type { ChatRequest } from '../../core/chat/chat-request.js';
import { addUsage, type TokenUsage } from '../../core/chat/token-usage.js';
import type { Clock } from '../../core/clock.js';
import { AppError } from '../../core/errors/app-error.js';
import type { Telemetry } from '../../core/telemetry/telemetry.js';
import { ProviderError } from '../provider-error.js';
import type { AttemptPlan, AttemptPlanner } from '../resilience/attempt-planner.js';
import type { AttemptStream } from '../resilience/attempt-stream.js';
import { FAILURE_RULES } from '../resilience/failure-rules.js';
import type { RunningAttempt } from '../resilience/running-attempt.js';
import type { Target } from '../resilience/target.js';
import { toAbortError } from '../to-app-error.js';
import { ContinuedEvents, type Continuer, type Rest } from './continued-events.js';
import type { DeliveredAnswer } from './delivered-answer.js';
import { type OpenStream, RestWriter, type WrittenRest } from './rest-writer.js';

/** How often one answer may break off and be taken up again. */
const MOST_SEAMS = 3;
const NOT_WANTED = 'The rest of the answer was not wanted.';

/** What the answer of one call is continued with. */
export interface ContinuationParts {
  readonly planner: AttemptPlanner;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly request: ChatRequest;
  readonly call: CallContext;
  /** How the call begins. */
  readonly plan: AttemptPlan<AttemptStream>;
  /** What is told to a model that takes no beginning of its answer. */
  readonly instruction: string;
  readonly open: OpenStream;
}

/** Answers one call, and has the rest written by the next target, or the same one, when the answer breaks off. */
export class Continuation implements Continuer {
  readonly #parts: ContinuationParts;
  readonly #writer: RestWriter;
  /** A reading of the monotonic clock. */
  readonly #totalAt: number;
  #seams = 0;
  #isAbandoned = false;
  /** The present attempt at the rest. */
  #attempt: RunningAttempt | null = null;
  /** Who writes the answer at present. */
  #target: Target | null = null;
  /** Which of the call's attempts began the answer. */
  #firstAttempt = 0;
  /** The first of the call's attempts at the rest. */
  #restAt = Infinity;

  constructor(parts: ContinuationParts) {
    this.#parts = parts;
    this.#writer = new RestWriter(parts.request, parts.instruction, parts.open);
    this.#totalAt = parts.clock.monotonic() + parts.plan.totalMs;
  }

  /** As the planner's `run`; the events fail only when nobody can go on. */
  async answer(): Promise<ContinuedEvents> {
    const { planner, plan, call } = this.#parts;
    const { stream, target, record } = await planner.run(
      {
        ...plan,
        perform: async (attempt, target) => {
          const stream = await plan.perform(attempt, target);
          return { stream, target, record: attempt.record };
        },
      },
      call,
    );
    this.#target = target;
    this.#firstAttempt = call.attempts.indexOf(record);
    return new ContinuedEvents(stream, this);
  }

  async resume(failure: unknown, delivered: DeliveredAnswer): Promise<Rest | null> {
    if (!isMendable(failure)) return null;
    const plan = this.#planFor(delivered);
    const written = plan && (await this.#write(plan));
    this.#parts.telemetry.streamContinued({ way: written?.way ?? 'none' });
    if (!written) return null;
    this.#target = written.target;
    return written.rest;
  }

  abandon(): void {
    this.#isAbandoned = true;
    this.#attempt?.cancel(NOT_WANTED);
  }

  usage(): TokenUsage | null {
    const { call } = this.#parts;
    // Not those that failed before the first content, nor one that another was faster than.
    const isCounted = (index: number): boolean => index === this.#firstAttempt || index >= this.#restAt;
    if (call.books) return call.books.usageOf(isCounted);
    const reported = call.attempts.flatMap(({ usage }, index) => (usage && isCounted(index) ? [usage] : []));
    return reported.length === 0 ? null : reported.reduce(addUsage);
  }

  #planFor(delivered: DeliveredAnswer): AttemptPlan<WrittenRest> | null {
    const { plan, clock } = this.#parts;
    const totalMs = this.#totalAt - clock.monotonic();
    if (totalMs <= 0 || this.#seams >= MOST_SEAMS) return null;
    if (!delivered.canGoOn(this.#target?.provider.config.type === 'anthropic')) return null;
    const others = plan.targets.filter((target) => target !== this.#target);
    const targets = (this.#target ? [...others, this.#target] : others).filter(canWrite);
    if (targets.length === 0) return null;
    return {
      ...plan,
      targets,
      contextFallback: plan.contextFallback?.filter(canWrite),
      totalMs,
      hedging: null,
      perform: (attempt, target) => {
        this.#attempt = attempt;
        attempt.record.purpose = 'continuation';
        if (this.#isAbandoned) attempt.cancel(NOT_WANTED);
        return this.#writer.write(attempt, target, delivered.text);
      },
    };
  }

  async #write(plan: AttemptPlan<WrittenRest>): Promise<WrittenRest | null> {
    const { planner, call } = this.#parts;
    const { answeredBy } = call;
    const giveBack = this.#takeRetry(plan);
    if (!giveBack) return null;
    this.#seams += 1;
    this.#restAt = Math.min(this.#restAt, call.attempts.length);
    try {
      await call.beforeRetry?.();
      return await planner.run(plan, call);
    } catch (error) {
      if (call.signal.aborted) throw toAbortError(call);
      if (error instanceof AppError) return null;
      throw error;
    } finally {
      giveBack();
      // The client was told who answers when it began.
      call.answeredBy = answeredBy;
    }
  }

  // With nowhere else to go it is a retry of the target that has just failed.
  #takeRetry({ targets }: AttemptPlan<WrittenRest>): (() => void) | null {
    const hasOther = targets.some((target) => target !== this.#target && target.isAvailable());
    return hasOther ? () => undefined : this.#parts.planner.takeRetry();
  }
}

// What ends a call for good ends its answer, too.
function isMendable(failure: unknown): boolean {
  const cause = failure instanceof AppError ? failure.cause : null;
  return cause instanceof ProviderError && FAILURE_RULES[cause.kind].failOver;
}

// What only quotes cannot go on with what another has written.
function canWrite({ provider }: Target): boolean {
  return provider.config.type !== 'local';
}
