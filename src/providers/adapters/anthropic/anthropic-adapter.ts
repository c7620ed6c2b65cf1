import type { ChatEvent } from '../../../core/chat/chat-event.js';
import type { ChatRequest } from '../../../core/chat/chat-request.js';
import type { JsonObject } from '../../../core/json.js';
import { isJsonObject } from '../../../core/json.js';
import type { ProviderConfig } from '../../../config/gateway-config.js';
import type { AttemptContext, OutputForm, ProviderAdapter } from '../../provider-adapter.js';
import { ChatEventStream } from '../../transport/chat-event-stream.js';
import { endpoint, mergeHeaders } from '../../transport/endpoint.js';
import type { HttpTransport } from '../../transport/http-transport.js';
import { assertAccepted, openChat, readJson } from '../../transport/open-chat.js';
import { AnthropicProtocol } from './anthropic-protocol.js';
import { buildMessagesBody } from './build-messages-body.js';
import { readCount, toCountBody } from './count-tokens.js';
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
  readonly #countUrl: URL;

  constructor(config: ProviderConfig, transport: HttpTransport) {
    this.#config = config;
    this.#transport = transport;
    this.#messagesUrl = endpoint(config.baseUrl ?? ANTHROPIC_URL, '/v1/messages');
    this.#countUrl = endpoint(config.baseUrl ?? ANTHROPIC_URL, '/v1/messages/count_tokens');
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
        headers: this.#headers(attempt, body, request),
        body,
        isStream: request.stream,
        protocol: new AnthropicProtocol(attempt, this.#transport.clock),
        attempt,
        closed,
      });
    });
  }

  async countTokens(model: string, request: ChatRequest, attempt: AttemptContext): Promise<number> {
    const body = toCountBody(buildMessagesBody(model, request, attempt));
    const { connectMs, responseHeadMs, bodyMs } = attempt.timeouts;
    const response = await this.#transport.request({
      method: 'POST',
      url: this.#countUrl,
      headers: {
        ...this.#headers(attempt, body, request),
        'content-type': 'application/json',
        accept: 'application/json',
      },
      body: JSON.stringify(body),
      signals: [attempt.signal],
      connectMs,
      headMs: responseHeadMs,
      progress: attempt.progress,
    });
    await assertAccepted(this.#transport, response, bodyMs, new AnthropicProtocol(attempt, this.#transport.clock));
    return readCount(await readJson(this.#transport, response, bodyMs));
  }

  #headers(attempt: AttemptContext, { thinking }: JsonObject, { source }: ChatRequest): Record<string, string> {
    const own: Record<string, string> = { 'user-agent': 'trunkline', 'anthropic-version': API_VERSION };
    if (attempt.apiKey !== null) own['x-api-key'] = attempt.apiKey;
    const headers = mergeHeaders(own, this.#config.headers);
    if (source?.dialect === 'anthropic-messages') addBetas(headers, source.betas ?? []);
    else if (isJsonObject(thinking) && thinking.block_binding !== undefined) addBetas(headers, [BINDING_BETA]);
    return headers;
  }
}

// A provider may be configured with betas of its own: one header holds them all.
function addBetas(headers: Record<string, string>, wanted: readonly string[]): void {
  if (wanted.length === 0) return;
  const betas = (headers['anthropic-beta'] ?? '').split(',').map((name) => name.trim());
  headers['anthropic-beta'] = [...new Set([...betas.filter((name) => name !== ''), ...wanted])].join(',');
}
