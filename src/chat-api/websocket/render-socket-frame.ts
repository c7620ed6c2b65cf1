import type { CallContext } from '../../core/call-context.js';
import type { AppError } from '../../core/errors/app-error.js';
import type { JsonObject } from '../../core/json.js';
import { toNumber } from '../../dialects/native-chat/native-answer.js';
import { renderOpenAiError } from '../../dialects/openai-chat/render-error.js';
import { statusOf } from '../../http/status-table.js';

const END_OF_STREAM = '[DONE]';
/** How frames begin that have an id of their own: calls of tools, and what came of them. */
const OF_A_TOOL = '{"type":"tool_';

/**
 * A frame of `/v1/chat/stream` as it goes over a socket: with the message's id, a tool call's own id as `call_id`. Null for
 * the end of the stream, which has no frame here: `done` is the last one.
 */
export function toSocketFrame(data: string, messageId: string | null): string | null {
  if (data === END_OF_STREAM) return null;
  if (!data.startsWith(OF_A_TOOL)) return `{"id":${JSON.stringify(messageId)},${data.slice(1)}`;
  const { id: callId, ...frame } = JSON.parse(data) as JsonObject;
  return JSON.stringify({ id: messageId, ...(callId !== undefined && { call_id: callId }), ...frame });
}

/** The frame that ends a message which failed, with what an HTTP answer says in its status and headers. */
export function renderSocketError(error: AppError, messageId: string | null, call: CallContext): string {
  const details = error.details ?? (error.param === null ? undefined : [{ path: error.param, message: error.message }]);
  const body = renderOpenAiError(error, call.id).error as JsonObject;
  return JSON.stringify({
    id: messageId,
    type: 'error',
    request_id: call.id,
    status: statusOf(error.code),
    ...(error.retryAfterMs !== undefined && { retry_after_ms: Math.ceil(error.retryAfterMs) }),
    ...(error.shouldRetry !== undefined && { should_retry: error.shouldRetry }),
    error: details ? { ...body, details } : body,
  });
}

/** The frame that ends a message which its client no longer wanted, with what it cost until then. */
export function renderCancelled(messageId: string | null, call: CallContext): string {
  return JSON.stringify({
    id: messageId,
    type: 'cancelled',
    request_id: call.id,
    cost_usd: toNumber(call.costUsd),
  });
}
