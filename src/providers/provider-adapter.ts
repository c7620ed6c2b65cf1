import type { ChatEvent } from '../core/chat/chat-event.js';
import type { ChatRequest } from '../core/chat/chat-request.js';
import type { EmbeddingRequest, EmbeddingResult } from '../core/embedding/embedding-request.js';
import type { TimeoutConfig } from '../config/gateway-config.js';

/** What an adapter is told about the one request it makes. */
export interface AttemptContext {
  /** The id of the call, for the provider's own logs. */
  readonly callId: string;
  /** Fires when this attempt must end: client gone, a timer of ours, a lost race. The adapter closes its socket then. */
  readonly signal: AbortSignal;
  /** The credential to use; null for providers that need none. */
  readonly apiKey: string | null;
  readonly timeouts: TimeoutConfig;
  /** The most tokens the model can write in one answer; null when the catalogue does not know. */
  readonly maxOutputTokens: number | null;
  /** A parameter could not be carried to this provider. */
  warn(message: string): void;
  /** A malformed stream event was skipped. More than three in one stream is a `malformed` error. */
  skipped(): void;
}

/**
 * One provider. A capability is there when its method is. An adapter has no state but its client, never retries, and
 * throws only ProviderError (also from the iterator). Its timers: connect, response head and body; first content, idle
 * between events and total belong to the attempt that drives it, through the signal.
 * The iterator's `return()` closes the socket. `chat` starts its request on the first `next()`.
 */
export interface ProviderAdapter {
  chat?(model: string, request: ChatRequest, attempt: AttemptContext): AsyncIterable<ChatEvent>;
  /** Why no model of this provider can answer such a chat request, in words for the client; null when one may. */
  refusalOf?(request: ChatRequest): { message: string; param: string } | null;
  embed?(model: string, request: EmbeddingRequest, attempt: AttemptContext): Promise<EmbeddingResult>;
}
