import { type Span, SpanStatusCode } from '@opentelemetry/api';
import type { Attempt } from '../core/attempt.js';
import type { FinishReason } from '../core/chat/chat-event.js';
import type { AttemptSpan, AttemptStart } from '../core/telemetry/call-trace.js';
import { outcomeAttributes } from './attempt-attributes.js';
import { LONGEST_TEXT, toAttributes } from './span-facts.js';
import { writeTraceParent } from './trace-context.js';

/** The words of the GenAI conventions. */
const FINISH_REASONS: Readonly<Record<FinishReason, string>> = {
  stop: 'stop',
  length: 'length',
  'tool-calls': 'tool_call',
  'content-filter': 'content_filter',
  other: 'other',
};
const PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

/** The span of one request to a provider, from its dispatch to the end of its answer. */
export class ProviderSpan implements AttemptSpan {
  readonly #span: Span;
  readonly #start: AttemptStart;
  readonly #finishReasons: string[] = [];

  constructor(span: Span, start: AttemptStart) {
    this.#span = span;
    this.#start = start;
  }

  addressed({ hostname, port, protocol }: URL): Readonly<Record<string, string>> | null {
    this.#span.setAttributes({
      'server.address': hostname,
      'server.port': port === '' ? (PORTS[protocol] ?? 0) : Number(port),
    });
    if (!this.#start.isPropagated) return null;
    const context = this.#span.spanContext();
    const state = context.traceState?.serialize() ?? '';
    return { traceparent: writeTraceParent(context), ...(state !== '' && { tracestate: state }) };
  }

  answered(id: string, model: string): void {
    this.#span.setAttributes({
      ...(id !== '' && { 'gen_ai.response.id': id.slice(0, LONGEST_TEXT) }),
      'gen_ai.response.model': (model === '' ? this.#start.attempt.model : model).slice(0, LONGEST_TEXT),
    });
  }

  choiceEnded(reason: FinishReason): void {
    this.#finishReasons.push(FINISH_REASONS[reason]);
  }

  ended(attempt: Attempt, status: number | undefined): void {
    const span = this.#span;
    span.setAttributes(toAttributes(outcomeAttributes(this.#start, attempt, status)));
    if (this.#finishReasons.length > 0) span.setAttribute('gen_ai.response.finish_reasons', this.#finishReasons);
    // What we ended ourselves, such as the slower one of two, did not fail.
    if (attempt.outcome === 'failed') span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
  }
}
