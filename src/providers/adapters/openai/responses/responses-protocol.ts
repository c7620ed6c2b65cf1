import type { ChatEvent } from '../../../../core/chat/chat-event.js';
import type { Clock } from '../../../../core/clock.js';
import type { AttemptContext } from '../../../provider-adapter.js';
import type { ProviderError } from '../../../provider-error.js';
import type { ChatProtocol, ChatStreamReader } from '../../../transport/chat-protocol.js';
import type { ResponseHeaders } from '../../../transport/http-response.js';
import { readRefusal } from '../read-refusal.js';
import { readResponse } from './read-response.js';
import { ResponsesStreamReader } from './responses-stream-reader.js';

/** How servers that speak OpenAI's Responses answer one attempt. */
export class ResponsesProtocol implements ChatProtocol {
  readonly #attempt: AttemptContext;
  readonly #clock: Clock;

  constructor(attempt: AttemptContext, clock: Clock) {
    this.#attempt = attempt;
    this.#clock = clock;
  }

  createStreamReader(): ChatStreamReader {
    return new ResponsesStreamReader(this.#attempt);
  }

  readReply(reply: unknown): ChatEvent[] {
    return readResponse(reply, this.#attempt);
  }

  readFailure(status: number, headers: ResponseHeaders, body: string): ProviderError {
    return readRefusal({ status, headers, body }, this.#clock, this.#attempt.apiKey);
  }
}
