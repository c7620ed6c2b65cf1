import type { CallContext } from '../call-context.js';
import type { JobOutcome } from './work-telemetry.js';

/** The part of a request that its span is made of. */
export interface TracedRequest {
  readonly method?: string;
  readonly httpVersion: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** A job whose attempt begins. */
export interface TracedJob {
  readonly id: string;
  readonly kind: string;
  readonly attempt: number;
  readonly projectId: string;
  /** The `traceparent` that was noted when it was put in the queue; null when there was none. */
  readonly origin: string | null;
}

/** Makes traces. */
export interface Tracer {
  /** A request came in, and `handle` answers it. */
  request(call: CallContext, request: TracedRequest, handle: () => void): void;
  /** A message came in over a connection that a request had opened. */
  message(call: CallContext, opener: CallContext): void;
  /** An attempt at a job; rejects as `work` does, and `outcomeOf` says what that means. */
  job<T>(job: TracedJob, work: () => Promise<T>, outcomeOf: (thrown: unknown) => JobOutcome): Promise<T>;
  /** The call is made for the job that runs. */
  joinJob(call: CallContext): void;
  /** The call answers one line of a batch, whose job runs. */
  batchLine(call: CallContext, endpoint: string): void;
  /** Where one is, as a `traceparent`, for work that is done later; null outside every trace. */
  origin(): string | null;
}

/** The way to traces. This one is off: who asks for the tracer gets null, and nothing else happens. */
export class Tracing {
  readonly tracer: Tracer | null = null;

  /** Sends what there is, within a few seconds, and ends. Never rejects. */
  close(): Promise<void> {
    return Promise.resolve();
  }
}
