import type { ChatEvent } from '../../../core/chat/chat-event.js';
import type { Clock } from '../../../core/clock.js';
import type { AttemptContext } from '../../provider-adapter.js';
import type { ProviderError } from '../../provider-error.js';
import type { ChatProtocol, ChatStreamReader } from '../../transport/chat-protocol.js';
import type { ResponseHeaders } from '../../transport/http-response.js';
import { OpenAiStreamReader } from './chat-stream-reader.js';
import { readRefusal } from './read-refusal.js';
import { readReply } from './read-reply.js';
import type { ChunkDialect } from './text-chunks.js';

/** How servers that speak OpenAI's chat completions, or the legacy ones, answer one attempt. */
export class OpenAiProtocol implements ChatProtocol {
  readonly #attempt: AttemptContext;
  readonly #clock: Clock;
  readonly #finishReasonOptional: boolean;
  readonly #dialect: ChunkDialect;
  #hasRefusedStreamOptions = false;

  constructor(
    attempt: AttemptContext,
    clock: Clock,
    finishReasonOptional: boolean,
    dialect: ChunkDialect = 'openai-chat',
  ) {
    this.#dialect = dialect;
    this.#attempt = attempt;
    this.#clock = clock;
    this.#finishReasonOptional = finishReasonOptional;
  }

  /** True when the server named `stream_options` in refusing the request: it does not know them. */
  get hasRefusedStreamOptions(): boolean {
    return this.#hasRefusedStreamOptions;
  }

  createStreamReader(): ChatStreamReader {
    return new OpenAiStreamReader(this.#attempt, this.#finishReasonOptional, this.#dialect);
  }

  readReply(reply: unknown): ChatEvent[] {
    return readReply(reply, this.#attempt, this.#finishReasonOptional, this.#dialect);
  }

  readFailure(status: number, headers: ResponseHeaders, body: string): ProviderError {
    this.#hasRefusedStreamOptions = (status === 400 || status === 422) && body.includes('stream_options');
    return readRefusal({ status, headers, body }, this.#clock, this.#attempt.apiKey);
  }
}
