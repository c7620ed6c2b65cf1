import type { ChatEvent } from '../../../core/chat/chat-event.js';
import type { Clock } from '../../../core/clock.js';
import type { AttemptContext } from '../../provider-adapter.js';
import type { ProviderError } from '../../provider-error.js';
import type { ChatProtocol, ChatStreamReader } from '../../transport/chat-protocol.js';
import type { ResponseHeaders } from '../../transport/http-response.js';
import { parseRetryAfter } from '../../transport/parse-retry-after.js';
import { toProviderError } from '../../transport/upstream-failure.js';
import { OpenAiStreamReader } from './chat-stream-reader.js';
import { readFailureBody } from './read-failure.js';
import { readReply } from './read-reply.js';

/** How servers that speak OpenAI's chat completions answer one attempt. */
export class OpenAiProtocol implements ChatProtocol {
  readonly #attempt: AttemptContext;
  readonly #clock: Clock;
  readonly #finishReasonOptional: boolean;

  constructor(attempt: AttemptContext, clock: Clock, finishReasonOptional: boolean) {
    this.#attempt = attempt;
    this.#clock = clock;
    this.#finishReasonOptional = finishReasonOptional;
  }

  createStreamReader(): ChatStreamReader {
    return new OpenAiStreamReader(this.#attempt, this.#finishReasonOptional);
  }

  readReply(reply: unknown): ChatEvent[] {
    return readReply(reply, this.#attempt.apiKey, this.#finishReasonOptional);
  }

  readFailure(status: number, headers: ResponseHeaders, body: string): ProviderError {
    const retryAfterMs = parseRetryAfter(headers, this.#clock);
    return toProviderError({ ...readFailureBody(status, body), retryAfterMs }, this.#attempt.apiKey);
  }
}
