import { type Context, type Span, SpanKind } from '@opentelemetry/api';
import type {
  AttemptSpan,
  AttemptStart,
  CallEnd,
  CallTrace,
  OpenSpan,
  SpanAttributes,
  TracedCall,
} from '../core/telemetry/call-trace.js';
import { attemptAttributes, attemptName } from './attempt-attributes.js';
import { ProviderSpan } from './provider-span.js';
import { endAttributes, nameOfRequest } from './request-attributes.js';
import { errorTypeOf, markFailed, toAttributes } from './span-facts.js';
import type { Place, SpanPlaces } from './span-places.js';

const FIRST_SERVER_ERROR = 500;

/** The trace of one call, below a span that is its own or the job's that it is made for. */
export class CallSpans implements CallTrace {
  /** In the call, but in none of its parts. */
  readonly place: Place;
  readonly #places: SpanPlaces;

  constructor(span: Span, places: SpanPlaces) {
    this.place = places.placeOf(span, this);
    this.#places = places;
  }

  get traceId(): string {
    return this.place.span.spanContext().traceId;
  }

  attempt(start: AttemptStart): AttemptSpan {
    const attributes = attemptAttributes(start);
    // A model that runs in this process is called, too, but nobody is reached by that.
    const kind = start.providerType === 'local' ? SpanKind.INTERNAL : SpanKind.CLIENT;
    const span = this.#places.begin(attemptName(start), { kind, attributes, parent: this.#parent });
    return new ProviderSpan(span, start);
  }

  async part<T>(name: string, attributes: SpanAttributes, work: (span: OpenSpan) => Promise<T>): Promise<T> {
    const kind = SpanKind.INTERNAL;
    const span = this.#places.begin(name, { kind, attributes: toAttributes(attributes), parent: this.#parent });
    try {
      return await this.#places.within(this.#places.placeOf(span, this), () => work(openSpan(span)));
    } catch (error) {
      markFailed(span, errorTypeOf(error));
      throw error;
    } finally {
      span.end();
    }
  }

  failed(errorType: string): void {
    markFailed(this.place.span, errorType);
  }

  ended(call: TracedCall, end: CallEnd): void {
    const { span } = this.place;
    span.updateName(nameOfRequest(end));
    span.setAttributes(endAttributes(call, end));
    // What a client did wrong is no failure of this server, and a status that was sent before one tells nothing of it.
    const isOurs = end.status >= FIRST_SERVER_ERROR || (end.error !== null && end.status < 400);
    if (isOurs) markFailed(span, end.error ?? String(end.status));
    span.end();
  }

  // Work that was begun for somebody else has no part in this call.
  get #parent(): Context {
    const { current } = this.#places;
    return current?.owner === this ? current.context : this.place.context;
  }
}

function openSpan(span: Span): OpenSpan {
  return {
    note: (attributes) => {
      span.setAttributes(toAttributes(attributes));
    },
    failed: (errorType) => {
      markFailed(span, errorType);
    },
  };
}
