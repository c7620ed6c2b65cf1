import { type Attributes, type Span, SpanStatusCode } from '@opentelemetry/api';
import type { SpanAttributes, SpanValue } from '../core/telemetry/call-trace.js';

/** Of values that a client or a provider chose. */
export const LONGEST_TEXT = 256;
const LONGEST_ERROR_TYPE = 64;

/** The attributes without those that are not known. */
export function toAttributes(attributes: SpanAttributes): Attributes {
  const known = Object.entries(attributes).filter(
    (entry): entry is [string, SpanValue] => entry[1] !== null && entry[1] !== undefined,
  );
  return Object.fromEntries(known.map(([name, value]) => [name, typeof value === 'object' ? [...value] : value]));
}

/** Marks the span as failed. There is no description: messages may quote what nobody else is to read. */
export function markFailed(span: Span, errorType: string): void {
  span.setAttribute('error.type', errorType);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

/** The code of an error, or else its name. */
export function errorTypeOf(thrown: unknown): string {
  const { code, name } = (thrown ?? {}) as { code?: unknown; name?: unknown };
  const word = [code, name].find((each) => typeof each === 'string' && each !== '');
  return typeof word === 'string' ? word.slice(0, LONGEST_ERROR_TYPE) : typeof thrown;
}
