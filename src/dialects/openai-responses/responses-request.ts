import type { ChatRequest } from '../../core/chat/chat-request.js';
import type { JsonObject } from '../../core/json.js';
import type { ToolNames } from './tool-names.js';

/** A body of `POST /v1/responses`, read. */
export interface ResponsesRequest {
  /** The instructions and this request's own input as chat; its `source` is the body. */
  readonly chat: ChatRequest;
  /** The request's own input as items in their wire form, oldest first; a text stands as a message of the user's. */
  readonly input: readonly JsonObject[];
  /** Ids of items that the input only names (`item_reference`): of stored responses, to be found by whoever keeps those. */
  readonly references: readonly string[];
  /** The response that this one goes on from. */
  readonly previousResponseId?: string;
  /** The stored conversation that this one belongs to. */
  readonly conversationId?: string;
  /** Whether the response is kept for later requests; it is unless the client says no. */
  readonly store: boolean;
  /** Whether the client takes the answer later. */
  readonly isBackground: boolean;
  /** What the client wants to see besides, such as `reasoning.encrypted_content`. */
  readonly include: readonly string[];
  /** What the client calls its tools. */
  readonly tools: ToolNames;
}

/** What a response is called before anybody has answered. */
export interface ResponseHead {
  /** Ours, with `resp_`. */
  readonly id: string;
  /** Unix seconds. */
  readonly createdAt: number;
}
