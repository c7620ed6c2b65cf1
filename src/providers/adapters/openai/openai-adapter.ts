import OpenAI from 'openai';
import type { EmbeddingCreateParams } from 'openai/resources/embeddings';
import type { ChatEvent } from '../../../core/chat/chat-event.js';
import type { ChatRequest } from '../../../core/chat/chat-request.js';
import type { EmbeddingRequest, EmbeddingResult } from '../../../core/embedding/embedding-request.js';
import type { ProviderConfig } from '../../../config/gateway-config.js';
import type { AttemptContext, ProviderAdapter } from '../../provider-adapter.js';
import { ProviderError } from '../../provider-error.js';
import { ChatEventStream } from '../../transport/chat-event-stream.js';
import { endpoint, mergeHeaders } from '../../transport/endpoint.js';
import type { HttpTransport } from '../../transport/http-transport.js';
import { openChat } from '../../transport/open-chat.js';
import { transportFetch } from '../../transport/transport-fetch.js';
import { buildChatBody, type OpenAiFlavour } from './build-chat-body.js';
import { buildEmbeddingsBody } from './build-embeddings-body.js';
import { fromSdkError } from './from-sdk-error.js';
import { OpenAiProtocol } from './openai-protocol.js';
import { readEmbeddings } from './read-embeddings.js';

const OPENAI_URL = 'https://api.openai.com/v1';
const KEYLESS = 'none';

/** OpenAI, and every server that speaks its chat completions and embeddings. */
export class OpenAiAdapter implements ProviderAdapter {
  readonly #config: ProviderConfig;
  readonly #transport: HttpTransport;
  readonly #baseUrl: string;
  readonly #chatUrl: URL;
  readonly #flavour: OpenAiFlavour;

  constructor(config: ProviderConfig, transport: HttpTransport) {
    this.#config = config;
    this.#transport = transport;
    this.#baseUrl = config.baseUrl ?? OPENAI_URL;
    this.#chatUrl = endpoint(this.#baseUrl, '/chat/completions');
    this.#flavour = config.type === 'openai' ? 'openai' : 'openai-compatible';
  }

  chat(model: string, request: ChatRequest, attempt: AttemptContext): AsyncIterable<ChatEvent> {
    return new ChatEventStream((closed) =>
      openChat(this.#transport, {
        url: this.#chatUrl,
        headers: this.#headers(attempt),
        body: buildChatBody(model, request, this.#flavour, (message) => {
          attempt.warn(message);
        }),
        isStream: request.stream,
        protocol: this.#protocol(attempt),
        attempt,
        closed,
      }),
    );
  }

  async embed(model: string, request: EmbeddingRequest, attempt: AttemptContext): Promise<EmbeddingResult> {
    const body = buildEmbeddingsBody(model, request, this.#flavour) as unknown as EmbeddingCreateParams;
    try {
      const response = await this.#client(attempt).embeddings.create(body, { signal: attempt.signal }).asResponse();
      return readEmbeddings(await readJsonBody(response), request);
    } catch (error) {
      throw fromSdkError(error, this.#protocol(attempt));
    }
  }

  #protocol(attempt: AttemptContext): OpenAiProtocol {
    return new OpenAiProtocol(attempt, this.#transport.clock, this.#config.finishReasonOptional);
  }

  #headers(attempt: AttemptContext): Record<string, string> {
    const own = { 'user-agent': 'trunkline', 'x-client-request-id': attempt.callId };
    if (attempt.apiKey === null) return mergeHeaders(own, this.#config.headers);
    return mergeHeaders(own, { authorization: `Bearer ${attempt.apiKey}` }, this.#config.headers);
  }

  // A client for each call: it is only settings around the shared connections, and the credential is the call's own.
  #client(attempt: AttemptContext): OpenAI {
    const { connectMs, responseHeadMs, bodyMs } = attempt.timeouts;
    return new OpenAI({
      apiKey: attempt.apiKey ?? KEYLESS,
      adminAPIKey: null,
      organization: null,
      project: null,
      webhookSecret: null,
      baseURL: this.#baseUrl,
      maxRetries: 0,
      timeout: connectMs + responseHeadMs + 1_000,
      logLevel: 'off',
      defaultHeaders: { ...(attempt.apiKey === null && { authorization: null }), ...this.#headers(attempt) },
      fetch: transportFetch(this.#transport, { connectMs, headMs: responseHeadMs, bodyMs }),
    });
  }
}

async function readJsonBody(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ProviderError('malformed', 'The provider answered with JSON that cannot be parsed.', { cause: error });
  }
}
