import type { CallContext } from '../core/call-context.js';
import type { RateLimits } from '../core/rate-limits.js';
import type { Headers } from './answer-head.js';
import { setBudgetHeaders } from './budget-headers.js';
import { setAnthropicRateLimitHeaders, setRateLimitHeaders } from './rate-limit-headers.js';

const UNSAFE = /[^\x20-\x7e]+/g;
const MAX_WARNINGS_CHARACTERS = 2_000;

/** Sets the headers that every answer carries about who answered it, after how many attempts, at what cost; `nowMs` is wall-clock. */
export function setAnswerHeaders(headers: Headers, call: CallContext, nowMs: number): void {
  if (call.answeredBy) {
    const { provider, model } = call.answeredBy;
    headers.setHeader('x-trunkline-provider', headerSafe(provider));
    headers.setHeader('x-trunkline-model', headerSafe(`${provider}/${model}`));
    headers.setHeader('x-trunkline-cache', call.cacheStatus ?? 'bypass');
  }
  if (call.conversationId !== null) headers.setHeader('x-conversation-id', call.conversationId);
  if (call.routeReason !== null) headers.setHeader('x-trunkline-route', call.routeReason);
  if (call.attempts.length > 0) headers.setHeader('x-trunkline-attempts', String(call.attempts.length));
  if (call.costUsd !== null && isCostFinal(headers, call)) headers.setHeader('x-trunkline-cost-usd', call.costUsd);
  if (call.rateLimits !== null) setLimitHeaders(headers, call, call.rateLimits, nowMs);
  if (call.budget !== null) setBudgetHeaders(headers, call.budget);
  if (call.warnings.length > 0) headers.setHeader('x-trunkline-warnings', renderWarnings(call.warnings));
}

function setLimitHeaders(headers: Headers, { surface }: CallContext, limits: RateLimits, nowMs: number): void {
  if (surface === 'anthropic') setAnthropicRateLimitHeaders(headers, limits, nowMs);
  else setRateLimitHeaders(headers, limits);
}

/** Text with everything that may not stand in a header replaced by one `?` a run. */
export function headerSafe(text: string): string {
  return text.replace(UNSAFE, '?');
}

// The head of a whole answer is written after its work; the head of a stream before most of it.
function isCostFinal(headers: Headers, call: CallContext): boolean {
  return call.settled || !String(headers.getHeader('content-type')).startsWith('text/event-stream');
}

function renderWarnings(warnings: readonly string[]): string {
  const text = headerSafe([...new Set(warnings)].join('; '));
  return text.length <= MAX_WARNINGS_CHARACTERS ? text : `${text.slice(0, MAX_WARNINGS_CHARACTERS)}...`;
}
