import type { ChatEvent } from '../../../core/chat/chat-event.js';
import type { ChatRequest } from '../../../core/chat/chat-request.js';
import type { JsonObject } from '../../../core/json.js';
import { isJsonObject } from '../../../core/json.js';
import type { ProviderConfig } from '../../../config/gateway-config.js';
import type { AttemptContext, OutputForm, ProviderAdapter } from '../../provider-adapter.js';
import { ChatEventStream } from '../../transport/chat-event-stream.js';
import { endpoint, mergeHeaders } from '../../transport/endpoint.js';
import type { HttpTransport } from '../../transport/http-transport.js';
import { openChat } from '../../transport/open-chat.js';
import { AnthropicProtocol } from './anthropic-protocol.js';
import { buildMessagesBody } from './build-messages-body.js';
import { refusalOf } from './refusal-of.js';
import { outputFormOf } from './to-output-format.js';

const ANTHROPIC_URL = 'https://api.anthropic.com';
const API_VERSION = '2023-06-01';
/** What the API wants to be told before it takes `thinking.block_binding`. */
const BINDING_BETA = 'thinking-binding-controls-2026-08-01';

/** Anthropic's Messages API. */
export class AnthropicAdapter implements ProviderAdapter {
  readonly #config: ProviderConfig;
  readonly #transport: HttpTransport;
  readonly #messagesUrl: URL;

  constructor(config: ProviderConfig, transport: HttpTransport) {
    this.#config = config;
    this.#transport = transport;
    this.#messagesUrl = endpoint(config.baseUrl ?? ANTHROPIC_URL, '/v1/messages');
  }

  refusalOf(request: ChatRequest): { message: string; param: string } | null {
    return refusalOf(request);
  }

  outputForm(model: string, request: ChatRequest): OutputForm {
    return outputFormOf(model, request);
  }

  chat(model: string, request: ChatRequest, attempt: AttemptContext): AsyncIterable<ChatEvent> {
    return new ChatEventStream((closed) => {
      const body = buildMessagesBody(model, request, attempt);
      return openChat(this.#transport, {
        url: this.#messagesUrl,
        headers: this.#headers(attempt, body),
        body,
        isStream: request.stream,
        protocol: new AnthropicProtocol(attempt, this.#transport.clock),
        attempt,
        closed,
      });
    });
  }

  #headers(attempt: AttemptContext, { thinking }: JsonObject): Record<string, string> {
    const own: Record<string, string> = { 'user-agent': 'trunkline', 'anthropic-version': API_VERSION };
    if (attempt.apiKey !== null) own['x-api-key'] = attempt.apiKey;
    const headers = mergeHeaders(own, this.#config.headers);
    if (isJsonObject(thinking) && thinking.block_binding !== undefined) addBeta(headers, BINDING_BETA);
    return headers;
  }
}

// A provider may be configured with betas of its own: one header holds them all.
function addBeta(headers: Record<string, string>, beta: string): void {
  const betas = (headers['anthropic-beta'] ?? '').split(',').map((name) => name.trim());
  headers['anthropic-beta'] = [...new Set([...betas.filter((name) => name !== ''), beta])].join(',');
}
