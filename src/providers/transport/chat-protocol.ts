import type { ChatEvent } from '../../core/chat/chat-event.js';
import type { ProviderError } from '../provider-error.js';
import type { ResponseHeaders } from './http-response.js';
import type { SseEvent } from './sse-parser.js';

/** Turns the events of one stream on the wire into ours; made anew for every stream. Throws only ProviderError. */
export interface ChatStreamReader {
  /** True once the provider's own terminal event was read: whatever follows means nothing. */
  readonly isDone: boolean;
  read(event: SseEvent): ChatEvent[];
  /** The body ended, with or without the terminal event; throws when the answer is not whole. */
  end(): ChatEvent[];
}

/** How one vendor writes answers and refusals. */
export interface ChatProtocol {
  createStreamReader(): ChatStreamReader;
  /** Reads an unstreamed reply. Throws ProviderError when it is no reply. */
  readReply(reply: unknown): ChatEvent[];
  readFailure(status: number, headers: ResponseHeaders, body: string): ProviderError;
}
