import { type ContentKey, contentKeyOf } from '../../cache/content-key.js';
import type { ChatRequest } from '../../core/chat/chat-request.js';
import type { JsonObject } from '../../core/json.js';
import { isPlainBody } from './plain-body.js';

// To be raised when requests come to mean something else.
const VERSION = 'answer-1';

/**
 * The key of a request's answer: the project, what the model's name stands for, and everything that is asked, whichever
 * surface it came by, and streamed or not. Two requests have one key only when either one's answer is as good for the other.
 */
export function answerKeyOf(projectId: string, targets: string, request: ChatRequest): ContentKey {
  const {
    model: _model,
    stream: _stream,
    source,
    extraParameters: _extra,
    earlierMessages: _earlier,
    ...asked
  } = request;
  const parameters = Object.entries(asked as Record<string, unknown>)
    .filter(([, value]) => value !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1));
  return contentKeyOf([VERSION, projectId, targets, parameters, source ? extrasOf(source) : null]);
}

// Our own dialect is read whole; of a vendor's, what the canonical request does not carry goes to the provider as it came.
function extrasOf({ dialect, body, betas }: NonNullable<ChatRequest['source']>): unknown {
  if (dialect === 'native' || (dialect === 'openai-chat' && isPlainBody(body))) return null;
  return [dialect, withoutMode(body), ...(betas ? [betas] : [])];
}

function withoutMode(body: JsonObject): JsonObject {
  const { model: _model, stream: _stream, stream_options: _options, ...rest } = body;
  return rest;
}
