import type { CancelSignal } from '../../../core/cancellation.js';
import type { ProviderConfig } from '../../../config/gateway-config.js';
import type { ChatEvent } from '../../../core/chat/chat-event.js';
import type { ChatRequest } from '../../../core/chat/chat-request.js';
import type { EmbeddingRequest, EmbeddingResult } from '../../../core/embedding/embedding-request.js';
import type { AttemptContext, OutputForm, ProviderAdapter } from '../../provider-adapter.js';
import { ChatEventStream } from '../../transport/chat-event-stream.js';
import { mergeHeaders } from '../../transport/endpoint.js';
import type { HttpTransport } from '../../transport/http-transport.js';
import { assertAccepted, openChat, readJson } from '../../transport/open-chat.js';
import type { Authorization } from './authorization.js';
import { buildGenerateBody } from './build-generate-body.js';
import { embedTexts } from './embed-texts.js';
import { type EmbeddingCall, embeddingCalls } from './embedding-calls.js';
import { createGeminiEndpoint, type GeminiEndpoint } from './gemini-endpoint.js';
import { GeminiProtocol } from './gemini-protocol.js';
import { outputFormOf } from './to-response-format.js';

const MOST_CHOICES = 8;

/** Google's Gemini models, through the Gemini API or Vertex AI. */
export class GeminiAdapter implements ProviderAdapter {
  readonly #config: ProviderConfig;
  readonly #transport: HttpTransport;
  readonly #endpoint: GeminiEndpoint;

  constructor(config: ProviderConfig, transport: HttpTransport) {
    this.#config = config;
    this.#transport = transport;
    this.#endpoint = createGeminiEndpoint(config, transport);
  }

  refusalOf({ choices = 1 }: ChatRequest): { message: string; param: string } | null {
    if (choices <= MOST_CHOICES) return null;
    const most = String(MOST_CHOICES);
    return { message: `The model gives at most ${most} choices. Lower \`n\`, or name another model.`, param: 'n' };
  }

  outputForm(model: string, request: ChatRequest): OutputForm {
    return outputFormOf(model, request);
  }

  chat(model: string, request: ChatRequest, attempt: AttemptContext): AsyncIterable<ChatEvent> {
    return new ChatEventStream(async (closed) => {
      const authorization = await this.#endpoint.authorize(attempt, [attempt.signal, closed]);
      return openChat(this.#transport, {
        url: this.#endpoint.urlOf(model, request.stream ? 'streamGenerateContent' : 'generateContent', attempt),
        headers: this.#headers(authorization),
        body: buildGenerateBody(model, request, {
          maxOutputTokens: attempt.maxOutputTokens,
          isVertex: this.#endpoint.isVertex,
          warn: (message) => {
            attempt.warn(message);
          },
        }),
        isStream: request.stream,
        protocol: this.#protocol(attempt, authorization),
        attempt,
        closed,
      });
    });
  }

  async embed(model: string, request: EmbeddingRequest, attempt: AttemptContext): Promise<EmbeddingResult> {
    const calls = embeddingCalls(model, request, this.#endpoint.isVertex);
    const authorization = await this.#endpoint.authorize(attempt, [attempt.signal]);
    return embedTexts(model, request, calls, (call, signal) => this.#send(model, call, attempt, authorization, signal));
  }

  async #send(
    model: string,
    { method, body }: EmbeddingCall,
    attempt: AttemptContext,
    authorization: Authorization,
    signal: CancelSignal,
  ): Promise<unknown> {
    const { connectMs, responseHeadMs, bodyMs } = attempt.timeouts;
    const response = await this.#transport.request({
      method: 'POST',
      url: this.#endpoint.urlOf(model, method, attempt),
      headers: {
        ...this.#headers(authorization),
        'content-type': 'application/json',
        accept: 'application/json',
        'accept-encoding': 'gzip, deflate, br',
      },
      body: JSON.stringify(body),
      signals: [attempt.signal, signal],
      connectMs,
      headMs: responseHeadMs,
      progress: attempt.progress,
    });
    await assertAccepted(this.#transport, response, bodyMs, this.#protocol(attempt, authorization));
    return readJson(this.#transport, response, bodyMs);
  }

  #protocol(attempt: AttemptContext, authorization: Authorization): GeminiProtocol {
    return new GeminiProtocol(attempt, this.#transport.clock, authorization);
  }

  #headers({ headers }: Authorization): Record<string, string> {
    return mergeHeaders({ 'user-agent': 'trunkline' }, headers, this.#config.headers);
  }
}
