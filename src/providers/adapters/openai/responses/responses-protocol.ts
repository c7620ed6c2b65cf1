import type { ChatEvent } from '../../../../core/chat/chat-event.js';
import type { Clock } from '../../../../core/clock.js';
import type { AttemptContext } from '../../../provider-adapter.js';
import type { ProviderError } from '../../../provider-error.js';
import type { ChatProtocol, ChatStreamReader } from '../../../transport/chat-protocol.js';
import type { ResponseHeaders } from '../../../transport/http-response.js';
import { readRefusal } from '../read-refusal.js';
import { readResponse } from './read-response.js';
import { ResponsesStreamReader } from './responses-stream-reader.js';
import { readSealRefusal, type SealRefusal } from './sealed-thoughts.js';

/** How servers that speak OpenAI's Responses answer one attempt. */
export class ResponsesProtocol implements ChatProtocol {
  readonly #attempt: AttemptContext;
  readonly #clock: Clock;
  #sealRefusal: SealRefusal | null = null;

  constructor(attempt: AttemptContext, clock: Clock) {
    this.#attempt = attempt;
    this.#clock = clock;
  }

  /** What the server had against the sealed thoughts of the request; null when it was not that. */
  get sealRefusal(): SealRefusal | null {
    return this.#sealRefusal;
  }

  createStreamReader(): ChatStreamReader {
    return new ResponsesStreamReader(this.#attempt);
  }

  readReply(reply: unknown): ChatEvent[] {
    return readResponse(reply, this.#attempt);
  }

  readFailure(status: number, headers: ResponseHeaders, body: string): ProviderError {
    this.#sealRefusal = readSealRefusal(status, body);
    return readRefusal({ status, headers, body }, this.#clock, this.#attempt.apiKey);
  }
}
