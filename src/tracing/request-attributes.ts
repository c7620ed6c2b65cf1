import type { Attributes } from '@opentelemetry/api';
import type { CallContext } from '../core/call-context.js';
import type { CallEnd, TracedCall } from '../core/telemetry/call-trace.js';
import type { TracedRequest } from '../core/telemetry/tracing.js';
import { LONGEST_TEXT, toAttributes } from './span-facts.js';

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'WS']);
const UNMATCHED = 'unmatched';
/** No status: the client had left. */
const CLIENT_GONE = 'client_gone';

/** The method as a span may show it, from a closed set. */
export function methodOf(method = ''): string {
  return METHODS.has(method) ? method : '_OTHER';
}

/** What is known of a request when it arrives. No path: ids in it may be names of persons. */
export function requestAttributes(call: CallContext, { method, httpVersion, headers }: TracedRequest): Attributes {
  return toAttributes({
    'http.request.method': methodOf(method),
    'network.protocol.version': httpVersion,
    'user_agent.original': textOf(headers['user-agent']),
    'trunkline.request.id': call.id,
    'trunkline.surface': call.surface,
  });
}

/** `{method} {route}`, or the method alone where there is no route. */
export function nameOfRequest({ method, route }: CallEnd): string {
  return route === UNMATCHED ? methodOf(method) : `${methodOf(method)} ${route}`;
}

/** What is known of a call when it is over. */
export function endAttributes(call: TracedCall, end: CallEnd): Attributes {
  const { answeredBy, costUsd } = call;
  const principal = call.isAuthenticated ? call.principal : null;
  return toAttributes({
    'http.route': end.route === UNMATCHED ? null : end.route,
    'http.response.status_code': end.isAnswered ? end.status : null,
    'error.type': end.isAnswered ? end.error : CLIENT_GONE,
    'trunkline.key.id': principal?.keyId,
    'trunkline.project.id': principal?.projectId,
    'trunkline.model.requested': call.requestedModel?.slice(0, LONGEST_TEXT),
    'trunkline.provider': answeredBy?.provider,
    'trunkline.model': answeredBy?.model,
    'trunkline.attempts': call.attempts.length,
    'trunkline.route.reason': call.routeReason,
    'trunkline.cache.status': call.cacheStatus,
    'trunkline.cost.usd': costUsd === null ? null : Number(costUsd),
    'gen_ai.conversation.id': call.conversationId?.slice(0, LONGEST_TEXT),
  });
}

function textOf(header: string | string[] | undefined): string | null {
  return typeof header === 'string' ? header.slice(0, LONGEST_TEXT) : null;
}
