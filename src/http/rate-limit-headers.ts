import type { RateLimits, RateLimitWindow } from '../core/rate-limits.js';
import type { Headers } from './answer-head.js';

const TOKEN_KINDS = ['tokens', 'input-tokens', 'output-tokens'];

/** Sets `x-ratelimit-*` for what is limited. */
export function setRateLimitHeaders(headers: Headers, { requests, tokens }: RateLimits): void {
  if (requests) setWindow(headers, 'requests', requests);
  if (tokens) setWindow(headers, 'tokens', tokens);
}

/**
 * Sets `anthropic-ratelimit-*` for what is limited. Our limits of tokens are of input and output together, so that the same
 * is said of each.
 */
export function setAnthropicRateLimitHeaders(headers: Headers, { requests, tokens }: RateLimits, nowMs: number): void {
  if (requests) setAnthropicWindow(headers, 'requests', requests, nowMs);
  if (!tokens) return;
  for (const kind of TOKEN_KINDS) setAnthropicWindow(headers, kind, tokens, nowMs);
}

function setAnthropicWindow(
  headers: Headers,
  kind: string,
  { limit, remaining, resetMs }: RateLimitWindow,
  nowMs: number,
): void {
  headers.setHeader(`anthropic-ratelimit-${kind}-limit`, String(limit));
  headers.setHeader(`anthropic-ratelimit-${kind}-remaining`, String(remaining));
  headers.setHeader(`anthropic-ratelimit-${kind}-reset`, toSecond(nowMs + Math.max(0, resetMs)));
}

// RFC 3339 to the second, not before the limit is there again.
function toSecond(ms: number): string {
  return new Date(Math.ceil(ms / 1_000) * 1_000).toISOString().replace('.000Z', 'Z');
}

function setWindow(headers: Headers, kind: string, { limit, remaining, resetMs }: RateLimitWindow): void {
  headers.setHeader(`x-ratelimit-limit-${kind}`, String(limit));
  headers.setHeader(`x-ratelimit-remaining-${kind}`, String(remaining));
  headers.setHeader(`x-ratelimit-reset-${kind}`, toGoDuration(resetMs));
}

/** A duration as Go writes it, to the millisecond: `1m0s`, `5.02s`, `17ms`, `0s`. */
export function toGoDuration(ms: number): string {
  const whole = Math.max(0, Math.ceil(ms));
  if (whole === 0) return '0s';
  if (whole < 1_000) return `${String(whole)}ms`;
  const seconds = `${String((whole % 60_000) / 1_000)}s`;
  const minutes = Math.floor(whole / 60_000);
  if (minutes === 0) return seconds;
  return minutes < 60
    ? `${String(minutes)}m${seconds}`
    : `${String(Math.floor(minutes / 60))}h${String(minutes % 60)}m${seconds}`;
}
