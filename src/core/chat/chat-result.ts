import type { FinishReason, LogprobEntry } from './chat-event.js';
import type { SignatureVendor } from './chat-request.js';
import type { TokenUsage } from './token-usage.js';
import type { WireObject } from './wire-object.js';

export interface ChatToolCall {
  id: string;
  name: string;
  /** JSON text exactly as the model wrote it, valid or not. */
  arguments: string;
}

/** What a tool gave that the gateway ran itself; the call of the same id stands among the choice's tool calls. */
export interface ChatToolResult {
  id: string;
  /** The gateway's name of the tool, such as `http:weather`. */
  name: string;
  content: string;
  isError: boolean;
}

export interface ChatChoice {
  index: number;
  text: string;
  refusal?: string;
  reasoning: { text: string; signature?: string; redacted?: string; signedBy?: SignatureVendor }[];
  toolCalls: ChatToolCall[];
  logprobs?: LogprobEntry[];
  /** Null when the answer ended without one. */
  finishReason: FinishReason | null;
  rawFinishReason?: string;
  stopSequence?: string;
}

/** A whole answer: what a stream of events folds into. */
export interface ChatResult {
  id: string;
  /** The provider's own name of the model that answered. */
  model: string;
  createdAt?: number;
  choices: ChatChoice[];
  usage: TokenUsage | null;
  warnings: string[];
  /** In the order they came; missing when the gateway ran no tool. */
  toolResults?: ChatToolResult[];
  /**
   * The unstreamed reply all of this was read from, when nothing changed it on the way. A usage that is marked as estimated
   * is not in it.
   */
  wire?: WireObject;
}
