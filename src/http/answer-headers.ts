import type { ServerResponse } from 'node:http';
import type { CallContext } from '../core/call-context.js';

const UNSAFE = /[^\x20-\x7e]+/g;
const MAX_WARNINGS_CHARACTERS = 2_000;

/** Sets the headers that every answer carries about who answered it, after how many attempts, at what cost. */
export function setAnswerHeaders(response: ServerResponse, call: CallContext): void {
  if (call.answeredBy) {
    const { provider, model } = call.answeredBy;
    response.setHeader('x-trunkline-provider', headerSafe(provider));
    response.setHeader('x-trunkline-model', headerSafe(`${provider}/${model}`));
    response.setHeader('x-trunkline-cache', 'bypass');
  }
  if (call.routeReason !== null) response.setHeader('x-trunkline-route', call.routeReason);
  if (call.attempts.length > 0) response.setHeader('x-trunkline-attempts', String(call.attempts.length));
  if (call.costUsd !== null && isCostFinal(response, call)) response.setHeader('x-trunkline-cost-usd', call.costUsd);
  if (call.warnings.length > 0) response.setHeader('x-trunkline-warnings', renderWarnings(call.warnings));
}

/** Text with everything that may not stand in a header replaced by one `?` a run. */
export function headerSafe(text: string): string {
  return text.replace(UNSAFE, '?');
}

// The head of a whole answer is written after its work; the head of a stream before most of it.
function isCostFinal(response: ServerResponse, call: CallContext): boolean {
  return call.settled || !String(response.getHeader('content-type')).startsWith('text/event-stream');
}

function renderWarnings(warnings: readonly string[]): string {
  const text = headerSafe([...new Set(warnings)].join('; '));
  return text.length <= MAX_WARNINGS_CHARACTERS ? text : `${text.slice(0, MAX_WARNINGS_CHARACTERS)}...`;
}
