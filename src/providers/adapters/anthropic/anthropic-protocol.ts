import type { ChatEvent } from '../../../core/chat/chat-event.js';
import type { Clock } from '../../../core/clock.js';
import type { AttemptContext } from '../../provider-adapter.js';
import type { ProviderError } from '../../provider-error.js';
import type { ChatProtocol, ChatStreamReader } from '../../transport/chat-protocol.js';
import type { ResponseHeaders } from '../../transport/http-response.js';
import { parseRetryAfter } from '../../transport/parse-retry-after.js';
import { toProviderError } from '../../transport/upstream-failure.js';
import { AnthropicStreamReader } from './message-stream-reader.js';
import { readFailureBody } from './read-failure.js';
import { readMessage } from './read-message.js';

/** How Anthropic answers one attempt. */
export class AnthropicProtocol implements ChatProtocol {
  readonly #attempt: AttemptContext;
  readonly #clock: Clock;

  constructor(attempt: AttemptContext, clock: Clock) {
    this.#attempt = attempt;
    this.#clock = clock;
  }

  createStreamReader(): ChatStreamReader {
    return new AnthropicStreamReader(this.#attempt);
  }

  readReply(reply: unknown): ChatEvent[] {
    return readMessage(reply, this.#attempt);
  }

  readFailure(status: number, headers: ResponseHeaders, body: string): ProviderError {
    const retryAfterMs = parseRetryAfter(headers, this.#clock);
    return toProviderError({ ...readFailureBody(status, body), retryAfterMs }, this.#attempt.apiKey);
  }
}
