import type { ChatEvent } from '../../../core/chat/chat-event.js';
import type { ChatRequest } from '../../../core/chat/chat-request.js';
import type { ProviderConfig } from '../../../config/gateway-config.js';
import type { AttemptContext, ProviderAdapter } from '../../provider-adapter.js';
import { ChatEventStream } from '../../transport/chat-event-stream.js';
import { endpoint, mergeHeaders } from '../../transport/endpoint.js';
import type { HttpTransport } from '../../transport/http-transport.js';
import { openChat } from '../../transport/open-chat.js';
import { AnthropicProtocol } from './anthropic-protocol.js';
import { buildMessagesBody } from './build-messages-body.js';

const ANTHROPIC_URL = 'https://api.anthropic.com';
const API_VERSION = '2023-06-01';

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

  refusalOf({ choices = 1, source }: ChatRequest): { message: string; param: string } | null {
    if (choices <= 1 || source?.dialect === 'anthropic-messages') return null;
    return { message: 'The model gives one choice. Set `n` to 1, or name another model.', param: 'n' };
  }

  chat(model: string, request: ChatRequest, attempt: AttemptContext): AsyncIterable<ChatEvent> {
    return new ChatEventStream((closed) =>
      openChat(this.#transport, {
        url: this.#messagesUrl,
        headers: this.#headers(attempt),
        body: buildMessagesBody(model, request, attempt),
        isStream: request.stream,
        protocol: new AnthropicProtocol(attempt, this.#transport.clock),
        attempt,
        closed,
      }),
    );
  }

  #headers(attempt: AttemptContext): Record<string, string> {
    const own = { 'user-agent': 'trunkline', 'anthropic-version': API_VERSION };
    if (attempt.apiKey === null) return mergeHeaders(own, this.#config.headers);
    return mergeHeaders(own, { 'x-api-key': attempt.apiKey }, this.#config.headers);
  }
}
