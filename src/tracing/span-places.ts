import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Attributes,
  type Context,
  type Link,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  type SpanKind,
  trace,
  type Tracer,
} from '@opentelemetry/api';

/** Where work is done: in which span, and whose that is. */
export interface Place {
  /** A call's trace, or null for a job that makes its calls later. */
  readonly owner: object | null;
  readonly span: Span;
  readonly context: Context;
}

/** How a span begins. */
export interface SpanStart {
  readonly kind: SpanKind;
  readonly attributes: Attributes;
  /** Where the trace goes on that this is a part of; null begins one. */
  readonly parent: Context | null;
  readonly links?: readonly SpanContext[];
}

/** Begins spans, and knows in which one the present work is done. */
export class SpanPlaces {
  readonly #tracer: Tracer;
  readonly #places = new AsyncLocalStorage<Place>();

  constructor(tracer: Tracer) {
    this.#tracer = tracer;
  }

  get current(): Place | null {
    return this.#places.getStore() ?? null;
  }

  begin(name: string, { kind, attributes, parent, links = [] }: SpanStart): Span {
    const linked: Link[] = links.map((context) => ({ context }));
    return this.#tracer.startSpan(name, { kind, attributes, links: linked }, parent ?? ROOT_CONTEXT);
  }

  /** The place of a span, for what is done in it. */
  placeOf(span: Span, owner: object | null): Place {
    return { owner, span, context: trace.setSpan(ROOT_CONTEXT, span) };
  }

  within<T>(place: Place, work: () => T): T {
    return this.#places.run(place, work);
  }
}

/** What comes from somebody else as the parent of a span; null without any. */
export function contextOf(remote: SpanContext | null): Context | null {
  return remote && trace.setSpanContext(ROOT_CONTEXT, remote);
}
