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
import { readWaitText } from './read-wait-text.js';

/** How servers that speak OpenAI's chat completions answer one attempt. */
export class OpenAiProtocol implements ChatProtocol {
  readonly #attempt: AttemptContext;
  readonly #clock: Clock;
  readonly #finishReasonOptional: boolean;
  #hasRefusedStreamOptions = false;

  constructor(attempt: AttemptContext, clock: Clock, finishReasonOptional: boolean) {
    this.#attempt = attempt;
    this.#clock = clock;
    this.#finishReasonOptional = finishReasonOptional;
  }

  /** True when the server named `stream_options` in refusing the request: it does not know them. */
  get hasRefusedStreamOptions(): boolean {
    return this.#hasRefusedStreamOptions;
  }

  createStreamReader(): ChatStreamReader {
    return new OpenAiStreamReader(this.#attempt, this.#finishReasonOptional);
  }

  readReply(reply: unknown): ChatEvent[] {
    return readReply(reply, this.#attempt, this.#finishReasonOptional);
  }

  readFailure(status: number, headers: ResponseHeaders, body: string): ProviderError {
    this.#hasRefusedStreamOptions = (status === 400 || status === 422) && body.includes('stream_options');
    const failure = readFailureBody(status, body);
    const retryAfterMs = parseRetryAfter(headers, this.#clock) ?? waitOf(failure);
    return toProviderError({ ...failure, retryAfterMs }, this.#attempt.apiKey);
  }
}

// Azure and OpenAI name the wait in the text when they leave the header out.
function waitOf({ kind, message }: ReturnType<typeof readFailureBody>): number | undefined {
  return kind === 'rate-limited' && message !== undefined ? readWaitText(message) : undefined;
}
