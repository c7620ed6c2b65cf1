import type { ChatRequest } from '../core/chat/chat-request.js';
import type { JsonObject } from '../core/json.js';
import type { ResponsesRequest } from '../dialects/openai-responses/responses-request.js';

/** A request for a response, with all that the model is to be told. */
export interface ToldResponse {
  readonly request: ResponsesRequest;
  /** The request as chat, with what was said before. */
  readonly chat: ChatRequest;
  /** What the request itself said, as it is stored: without references to anything. */
  readonly input: readonly JsonObject[];
}
