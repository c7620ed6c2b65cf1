import type { ChatEvent } from '../../../core/chat/chat-event.js';
import type { Clock } from '../../../core/clock.js';
import type { AttemptContext } from '../../provider-adapter.js';
import type { ProviderError } from '../../provider-error.js';
import type { ChatProtocol, ChatStreamReader } from '../../transport/chat-protocol.js';
import type { ResponseHeaders } from '../../transport/http-response.js';
import { parseRetryAfter } from '../../transport/parse-retry-after.js';
import { toProviderError } from '../../transport/upstream-failure.js';
import type { ReadingAttempt } from './answer-reader.js';
import type { Authorization } from './authorization.js';
import { readFailureBody } from './read-failure.js';
import { readReply } from './read-reply.js';
import { GeminiStreamReader } from './stream-reader.js';

type ProtocolAttempt = ReadingAttempt & Pick<AttemptContext, 'skipped'>;

/** How Gemini answers one attempt. */
export class GeminiProtocol implements ChatProtocol {
  readonly #attempt: ProtocolAttempt;
  readonly #clock: Clock;
  readonly #authorization: Authorization;

  constructor(attempt: ProtocolAttempt, clock: Clock, authorization: Authorization) {
    this.#attempt = attempt;
    this.#clock = clock;
    this.#authorization = authorization;
  }

  createStreamReader(): ChatStreamReader {
    return new GeminiStreamReader(this.#attempt, this.#authorization.secret);
  }

  readReply(reply: unknown): ChatEvent[] {
    return readReply(reply, this.#attempt, this.#authorization.secret);
  }

  readFailure(status: number, headers: ResponseHeaders, body: string): ProviderError {
    const failure = readFailureBody(status, body);
    if (failure.kind === 'authentication') this.#authorization.refused?.();
    const retryAfterMs = failure.retryAfterMs ?? parseRetryAfter(headers, this.#clock);
    return toProviderError({ ...failure, retryAfterMs }, this.#authorization.secret);
  }
}
