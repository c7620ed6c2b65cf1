import type { ChatEvent } from '../core/chat/chat-event.js';
import type { ChatRequest } from '../core/chat/chat-request.js';
import type { ChatResult } from '../core/chat/chat-result.js';
import type { AppError } from '../core/errors/app-error.js';
import type { JsonObject } from '../core/json.js';
import type { SseFrame } from '../core/sse-frame.js';

/** The wire format of one kind of client, as pure functions. */
export interface ChatDialect<Reply> {
  /** Throws InvalidRequestError with the parameter's path. */
  parse(body: JsonObject): ChatRequest;
  renderResult(result: ChatResult, request: ChatRequest): Reply;
  /** Ends with the dialect's own terminal frame only when the events ended well; what the events throw goes on to the caller. */
  renderStream(events: AsyncIterable<ChatEvent>, request: ChatRequest): AsyncIterable<SseFrame>;
  renderError(error: AppError, requestId: string): JsonObject;
  /** The frame that ends a stream which failed after content was sent. */
  renderErrorFrame(error: AppError, requestId: string): SseFrame;
}
