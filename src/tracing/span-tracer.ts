import { type Span, SpanKind, type Tracer as OpenTelemetryTracer } from '@opentelemetry/api';
import type { CallContext } from '../core/call-context.js';
import type { JobOutcome } from '../core/telemetry/work-telemetry.js';
import type { TracedJob, TracedRequest, Tracer } from '../core/telemetry/tracing.js';
import { CallSpans } from './call-spans.js';
import { methodOf, requestAttributes } from './request-attributes.js';
import { errorTypeOf, markFailed } from './span-facts.js';
import { contextOf, SpanPlaces } from './span-places.js';
import { readTraceContext, writeTraceParent } from './trace-context.js';

/** Makes traces with OpenTelemetry. */
export class SpanTracer implements Tracer {
  readonly #places: SpanPlaces;

  constructor(tracer: OpenTelemetryTracer) {
    this.#places = new SpanPlaces(tracer);
  }

  request(call: CallContext, request: TracedRequest, handle: () => void): void {
    const { traceparent, tracestate } = request.headers;
    const span = this.#places.begin(methodOf(request.method), {
      kind: SpanKind.SERVER,
      attributes: requestAttributes(call, request),
      parent: contextOf(readTraceContext(traceparent, tracestate)),
    });
    const spans = new CallSpans(span, this.#places);
    call.trace = spans;
    this.#places.within(spans.place, handle);
  }

  message(call: CallContext, { trace }: CallContext): void {
    const span = this.#places.begin('WS', {
      kind: SpanKind.SERVER,
      attributes: { 'trunkline.request.id': call.id, 'trunkline.surface': call.surface },
      parent: null,
      links: trace instanceof CallSpans ? [trace.place.span.spanContext()] : [],
    });
    call.trace = new CallSpans(span, this.#places);
  }

  async job<T>(job: TracedJob, work: () => Promise<T>, outcomeOf: (thrown: unknown) => JobOutcome): Promise<T> {
    const origin = readTraceContext(job.origin ?? undefined);
    const span = this.#places.begin(`job ${job.kind}`, {
      kind: SpanKind.CONSUMER,
      attributes: {
        'trunkline.job.kind': job.kind,
        'trunkline.job.id': job.id,
        'trunkline.job.attempt': job.attempt,
        'trunkline.project.id': job.projectId,
      },
      parent: null,
      links: origin ? [origin] : [],
    });
    try {
      const result = await this.#places.within(this.#places.placeOf(span, null), work);
      span.setAttribute('trunkline.job.outcome', 'succeeded');
      return result;
    } catch (error) {
      noteEnd(span, error, outcomeOf(error));
      throw error;
    } finally {
      span.end();
    }
  }

  joinJob(call: CallContext): void {
    const place = this.#places.current;
    if (place) call.trace = new CallSpans(place.span, this.#places);
  }

  batchLine(call: CallContext, endpoint: string): void {
    const place = this.#places.current;
    const span = this.#places.begin(`batch line ${endpoint}`, {
      kind: SpanKind.INTERNAL,
      attributes: { 'trunkline.request.id': call.id, 'trunkline.surface': call.surface, 'http.route': endpoint },
      parent: null,
      links: place ? [place.span.spanContext()] : [],
    });
    call.trace = new CallSpans(span, this.#places);
    call.defer(() => {
      span.setAttribute('trunkline.attempts', call.attempts.length);
      span.end();
    });
  }

  origin(): string | null {
    const place = this.#places.current;
    return place && writeTraceParent(place.span.spanContext());
  }
}

function noteEnd(span: Span, thrown: unknown, outcome: JobOutcome): void {
  span.setAttribute('trunkline.job.outcome', outcome);
  // The others will go on, or were not wanted any more.
  if (outcome === 'failed' || outcome === 'retried') markFailed(span, errorTypeOf(thrown));
}
