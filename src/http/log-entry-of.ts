import type { CallContext } from '../core/call-context.js';
import { totalInputTokens, totalOutputTokens } from '../core/chat/token-usage.js';
import type { RequestLogEntry } from './request-log.js';

/** What is logged about a call that is over: the given fields, and what the call knows by itself. */
export function logEntryOf(
  call: CallContext,
  request: Pick<RequestLogEntry, 'method' | 'route' | 'status' | 'ms' | 'error'>,
): RequestLogEntry {
  const { method, route, status, ms, error } = request;
  return {
    request_id: call.id,
    method,
    route,
    status,
    ms: Math.round(ms),
    key_id: call.isAuthenticated ? call.principal.keyId : null,
    project_id: call.isAuthenticated ? call.principal.projectId : null,
    ...askedOf(call),
    attempts: call.attempts.length,
    input_tokens: call.usage ? totalInputTokens(call.usage) : null,
    output_tokens: call.usage ? totalOutputTokens(call.usage) : null,
    cost_usd: call.costUsd,
    error,
    ...(call.trace && { trace_id: call.trace.traceId }),
  };
}

// Where nobody answered, the last one that was asked: in an outage that is what is looked for.
function askedOf({ answeredBy, attempts }: CallContext): Pick<RequestLogEntry, 'provider' | 'model'> {
  const { provider = null, model = null } = answeredBy ?? attempts.at(-1) ?? {};
  return { provider, model };
}
