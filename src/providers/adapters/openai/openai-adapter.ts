import type { CancelSignal } from '../../../core/cancellation.js';
import type { ChatEvent } from '../../../core/chat/chat-event.js';
import type { ChatRequest } from '../../../core/chat/chat-request.js';
import type { DialectName } from '../../../core/chat/wire-object.js';
import type { EmbeddingRequest, EmbeddingResult } from '../../../core/embedding/embedding-request.js';
import type { JsonObject } from '../../../core/json.js';
import type { OpenAiApi, ProviderConfig } from '../../../config/gateway-config.js';
import type { AskedTarget, AttemptContext, OutputForm, ProviderAdapter } from '../../provider-adapter.js';
import { ProviderError } from '../../provider-error.js';
import { ChatEventStream } from '../../transport/chat-event-stream.js';
import { mergeHeaders } from '../../transport/endpoint.js';
import type { HttpTransport } from '../../transport/http-transport.js';
import { openChat } from '../../transport/open-chat.js';
import type { CatalogEntry } from '../../catalog/catalog-entry.js';
import { buildChatBody } from './build-chat-body.js';
import { buildEmbeddingsBody } from './build-embeddings-body.js';
import { apisOf, type AskedServer, chooseApi } from './choose-api.js';
import { buildCompletionsBody } from './completions/build-completions-body.js';
import { withoutEcho } from './completions/without-echo.js';
import { createEndpoint, type OpenAiEndpoint } from './openai-endpoint.js';
import { OpenAiProtocol } from './openai-protocol.js';
import { readEmbeddings } from './read-embeddings.js';
import { refusalAt } from './refusal-at.js';
import { buildResponsesBody } from './responses/build-responses-body.js';
import { ResponsesProtocol } from './responses/responses-protocol.js';
import { SealedThoughts } from './responses/sealed-thoughts.js';
import { type ServerTraits, traitsOf } from './server-traits.js';
import { UsageQuestion } from './usage-question.js';

// OpenAI answers with objects only.
function isTakenAtTheTop({ type, anyOf }: JsonObject): boolean {
  return type === 'object' && anyOf === undefined;
}

// Whose words go on as they came.
const RELAYED: Readonly<Partial<Record<DialectName, OpenAiApi>>> = {
  'openai-chat': 'chat',
  'openai-responses': 'responses',
  'openai-completions': 'completions',
};

// Null where nobody knows.
function thinks({ catalogEntry }: AttemptContext): boolean | null {
  return catalogEntry?.capabilities.reasoning ?? null;
}

function toSendAgain(error: unknown): ProviderError {
  const { kind, message, status } = error as ProviderError;
  return new ProviderError(kind, message, { status, sendAgain: true });
}

/** OpenAI, Azure OpenAI, and every server that speaks OpenAI's chat completions, responses, completions or embeddings. */
export class OpenAiAdapter implements ProviderAdapter {
  readonly readsTokens = true;
  readonly #config: ProviderConfig;
  readonly #transport: HttpTransport;
  readonly #endpoint: OpenAiEndpoint;
  readonly #traits: ServerTraits;
  readonly #server: AskedServer;
  readonly #usageQuestion = new UsageQuestion();
  readonly #sealedThoughts = new SealedThoughts();
  /** What every request with the credential carries. */
  readonly #fixedHeaders = new Map<string | null, Record<string, string>>();

  constructor(config: ProviderConfig, transport: HttpTransport) {
    this.#config = config;
    this.#transport = transport;
    this.#endpoint = createEndpoint(config);
    this.#traits = traitsOf(config);
    this.#server = { apis: apisOf(config), isStrict: this.#traits.isStrict };
  }

  refusalOf(request: ChatRequest, { model, catalogEntry }: AskedTarget): { message: string; param: string } | null {
    return refusalAt(this.#apiFor(model, request, catalogEntry), request);
  }

  outputForm(model: string, request: ChatRequest): OutputForm {
    const { responseFormat, source } = request;
    // The vendor's own words go to the vendor as they are; servers that imitate it differ too much to be judged.
    const isRelayed = source !== undefined && RELAYED[source.dialect] === this.#apiFor(model, request, null);
    if (isRelayed || !this.#traits.isStrict) return 'native';
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
    const api = this.#apiFor(model, request, attempt.catalogEntry ?? null);
    if (api === 'responses') return this.#openResponse(model, request, attempt, closed);
    const protocol = this.#protocol(attempt, api);
    const takesStreamOptions = this.#traits.takesStreamOptions && this.#usageQuestion.isTakenBy(model, request);
    const build = api === 'completions' ? buildCompletionsBody : buildChatBody;
    try {
      const events = await openChat(this.#transport, {
        url: this.#endpoint.url(api, model),
        headers: this.#headers(attempt),
        body: build(model, request, { ...this.#traits, takesStreamOptions, thinks: thinks(attempt) }, (message) => {
          attempt.warn(message);
        }),
        isStream: request.stream,
        protocol: api === 'completions' ? withoutEcho(protocol, request) : protocol,
        attempt,
        closed,
      });
      this.#usageQuestion.accepted(model, request);
      return events;
    } catch (error) {
      const isRefused = takesStreamOptions && protocol.hasRefusedStreamOptions;
      if (!isRefused || !this.#usageQuestion.refused(request)) throw error;
      throw toSendAgain(error);
    }
  }

  async #openResponse(
    model: string,
    request: ChatRequest,
    attempt: AttemptContext,
    closed: CancelSignal,
  ): Promise<AsyncIterator<ChatEvent[], undefined>> {
    const { isStrict } = this.#traits;
    const known = { catalogEntry: attempt.catalogEntry ?? null, isNamed: this.#config.azure === null, isStrict };
    const warn = (message: string): void => {
      attempt.warn(message);
    };
    const body = this.#sealedThoughts.fit(buildResponsesBody(model, request, known, warn), request, warn);
    const protocol = new ResponsesProtocol(attempt, this.#transport.clock);
    try {
      return await openChat(this.#transport, {
        url: this.#endpoint.url('responses', model),
        headers: this.#headers(attempt),
        body,
        isStream: body.stream === true,
        protocol,
        attempt,
        closed,
      });
    } catch (error) {
      const { sealRefusal } = protocol;
      if (sealRefusal === null || !this.#sealedThoughts.refused(request, body, sealRefusal)) throw error;
      throw toSendAgain(error);
    }
  }

  #apiFor(name: string, request: ChatRequest, entry: Pick<CatalogEntry, 'kind'> | null): OpenAiApi {
    return chooseApi(request, { name, kind: entry?.kind ?? null }, this.#server);
  }

  #protocol(attempt: AttemptContext, api: OpenAiApi = 'chat'): OpenAiProtocol {
    const dialect = api === 'completions' ? 'openai-completions' : 'openai-chat';
    return new OpenAiProtocol(attempt, this.#transport.clock, this.#config.finishReasonOptional, dialect);
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
