import type { Attempt } from '../../core/attempt.js';
import type {
  AttemptReason,
  AttemptSpan,
  CallTrace,
  SpanAttributes,
  TracedOperation,
} from '../../core/telemetry/call-trace.js';
import type { Journey } from './journey.js';

/** What the spans of a plan's attempts say of it. */
export interface TracedPlan {
  readonly operation: TracedOperation;
  /** Parameters of the request, never content; missing or null while tracing is off. */
  readonly spanAttributes?: (() => SpanAttributes) | null;
}

/** Begins the span of the request that the journey has just dispatched. */
export function beginSpan(trace: CallTrace, plan: TracedPlan, journey: Journey): (record: Attempt) => AttemptSpan {
  return (attempt) =>
    trace.attempt({
      attempt,
      operation: plan.operation,
      reason: reasonOf(journey),
      number: journey.call.attempts.length + 1,
      ...providerOf(journey),
      request: plan.spanAttributes?.() ?? {},
    });
}

function reasonOf({ latestSeats: [present, last] }: Journey): AttemptReason {
  if (!last) return 'first';
  return last.target === present?.target ? 'retry' : 'failover';
}

function providerOf({ latestSeats: [present] }: Journey): { providerType: string; isPropagated: boolean } {
  const config = present?.target.provider.config;
  return { providerType: config?.type ?? '', isPropagated: config?.traceContext === true };
}
