import { type SpanContext, TraceFlags } from '@opentelemetry/api';
import { CarriedState } from './trace-state.js';

type Header = string | string[] | undefined;

/** Only versions to come may say more than version 00 does, which no version ff is one of. */
const PARENT =
  /^(?:00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})|(?!00|ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?)$/;
const NOTHING = /^0+$/;
const LONGEST_PARENT = 256;

/**
 * Where a request comes from, by W3C Trace Context; null when it does not say, or says anything that is not valid: nobody is
 * refused for that.
 */
export function readTraceContext(parent: Header, state?: Header): SpanContext | null {
  if (typeof parent !== 'string' || parent.length > LONGEST_PARENT) return null;
  const parts = PARENT.exec(parent);
  if (!parts) return null;
  const groups: readonly (string | undefined)[] = parts.slice(1);
  const [traceId = '', spanId = '', flags = ''] = groups.filter((group) => group !== undefined);
  if (NOTHING.test(traceId) || NOTHING.test(spanId)) return null;
  const traceState = CarriedState.read(state);
  return {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED,
    isRemote: true,
    ...(traceState && { traceState }),
  };
}

/** The same for somebody else, as `traceparent`. */
export function writeTraceParent({ traceId, spanId, traceFlags }: SpanContext): string {
  const isSampled = (traceFlags & TraceFlags.SAMPLED) !== 0;
  return `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`;
}
