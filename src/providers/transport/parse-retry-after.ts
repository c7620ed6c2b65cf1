import type { Clock } from '../../core/clock.js';
import { headerOf, type ResponseHeaders } from './http-response.js';

/**
 * How long the provider asks us to wait, in milliseconds: `retry-after-ms`, else `retry-after` in seconds or as a date.
 * A negative wait or a date in the past is 0. Undefined when it did not say, or nothing that can be understood.
 */
export function parseRetryAfter(headers: ResponseHeaders, clock: Clock): number | undefined {
  const milliseconds = parseNumber(headerOf(headers, 'retry-after-ms'));
  if (milliseconds !== undefined) return Math.max(0, Math.round(milliseconds));
  const text = headerOf(headers, 'retry-after');
  const seconds = parseNumber(text);
  if (seconds !== undefined) return Math.max(0, Math.round(seconds * 1000));
  const at = text !== null && /^[A-Z][a-z]{2,8},? /.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - clock.now());
}

function parseNumber(text: string | null): number | undefined {
  if (text === null || !/^\s*[+-]?\d{1,15}(\.\d+)?\s*$/.test(text)) return undefined;
  return Number(text);
}
