import type { CancelSignal } from '../../../core/cancellation.js';
import type { ChatEvent } from '../../../core/chat/chat-event.js';
import type { ChatRequest } from '../../../core/chat/chat-request.js';
import type { EmbeddingRequest, EmbeddingResult } from '../../../core/embedding/embedding-request.js';
import type { JsonObject } from '../../../core/json.js';
import type { ProviderConfig } from '../../../config/gateway-config.js';
import type { AttemptContext, OutputForm, ProviderAdapter } from '../../provider-adapter.js';
import { ProviderError } from '../../provider-error.js';
import { ChatEventStream } from '../../transport/chat-event-stream.js';
import { mergeHeaders } from '../../transport/endpoint.js';
import type { HttpTransport } from '../../transport/http-transport.js';
import { openChat } from '../../transport/open-chat.js';
import { buildChatBody } from './build-chat-body.js';
import { buildEmbeddingsBody } from './build-embeddings-body.js';
import { createEndpoint, type OpenAiEndpoint } from './openai-endpoint.js';
import { OpenAiProtocol } from './openai-protocol.js';
import { readEmbeddings } from './read-embeddings.js';
import { type ServerTraits, traitsOf } from './server-traits.js';
import { UsageQuestion } from './usage-question.js';

// OpenAI answers with objects only.
function isTakenAtTheTop({ type, anyOf }: JsonObject): boolean {
  return type === 'object' && anyOf === undefined;
}

/** OpenAI, Azure OpenAI, and every server that speaks OpenAI's chat completions and embeddings. */
export class OpenAiAdapter implements ProviderAdapter {
  readonly #config: ProviderConfig;
  readonly #transport: HttpTransport;
  readonly #endpoint: OpenAiEndpoint;
  readonly #traits: ServerTraits;
  readonly #usageQuestion = new UsageQuestion();
  /** What every request with the credential carries. */
  readonly #fixedHeaders = new Map<string | null, Record<string, string>>();

  constructor(config: ProviderConfig, transport: HttpTransport) {
    this.#config = config;
    this.#transport = transport;
    this.#endpoint = createEndpoint(config);
    this.#traits = traitsOf(config);
  }

  outputForm(_model: string, { responseFormat, source }: ChatRequest): OutputForm {
    // The vendor's own words go to the vendor as they are; servers that imitate it differ too much to be judged.
    if (source?.dialect === 'openai-chat' || !this.#traits.isStrict) return 'native';
    return responseFormat?.type === 'json-schema' && !isTakenAtTheTop(responseFormat.schema) ? 'instruction' : 'native';
  }

  chat(model: string, request: ChatRequest, attempt: AttemptContext): AsyncIterable<ChatEvent> {
    return new ChatEventStream((closed) => this.#openChat(model, request, attempt, closed));
  }

  async embed(model: string, request: EmbeddingRequest, attempt: AttemptContext): Promise<EmbeddingResult> {
    const warn = (message: string): void => {
      attempt.warn(message);
    };
    const body = buildEmbeddingsBody(model, request, this.#traits, warn);
    // Whoever only chats is spared the client's memory.
    const { postEmbeddings } = await import('./post-embeddings.js');
    const reply = await postEmbeddings(body, {
      baseUrl: this.#endpoint.baseUrl(model),
      headers: this.#headers(attempt),
      transport: this.#transport,
      protocol: this.#protocol(attempt),
      attempt,
    });
    return readEmbeddings(reply, request, () => {
      attempt.implausibleUsage();
    });
  }

  async #openChat(
    model: string,
    request: ChatRequest,
    attempt: AttemptContext,
    closed: CancelSignal,
  ): Promise<AsyncIterator<ChatEvent[], undefined>> {
    const protocol = this.#protocol(attempt);
    const takesStreamOptions = this.#traits.takesStreamOptions && this.#usageQuestion.isTakenBy(model, request);
    try {
      const events = await openChat(this.#transport, {
        url: this.#endpoint.chatUrl(model),
        headers: this.#headers(attempt),
        body: buildChatBody(model, request, { ...this.#traits, takesStreamOptions }, (message) => {
          attempt.warn(message);
        }),
        isStream: request.stream,
        protocol,
        attempt,
        closed,
      });
      this.#usageQuestion.accepted(model, request);
      return events;
    } catch (error) {
      const isRefused = takesStreamOptions && protocol.hasRefusedStreamOptions;
      if (!isRefused || !this.#usageQuestion.refused(request)) throw error;
      const { kind, message, status } = error as ProviderError;
      throw new ProviderError(kind, message, { status, sendAgain: true });
    }
  }

  #protocol(attempt: AttemptContext): OpenAiProtocol {
    return new OpenAiProtocol(attempt, this.#transport.clock, this.#config.finishReasonOptional);
  }

  #headers({ apiKey, callId }: AttemptContext): Record<string, string> {
    let fixed = this.#fixedHeaders.get(apiKey);
    if (!fixed) {
      const credential = apiKey === null ? {} : this.#endpoint.credential(apiKey);
      fixed = mergeHeaders({ 'user-agent': 'trunkline' }, credential, this.#config.headers);
      this.#fixedHeaders.set(apiKey, fixed);
    }
    return { 'x-client-request-id': callId, ...fixed };
  }
}
