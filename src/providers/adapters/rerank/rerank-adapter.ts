import type { ProviderConfig } from '../../../config/gateway-config.js';
import { isJsonObject } from '../../../core/json.js';
import type { RerankRequest, RerankResult } from '../../../core/rerank/rerank-request.js';
import type { AttemptContext, ProviderAdapter } from '../../provider-adapter.js';
import type { ProviderError } from '../../provider-error.js';
import { endpoint, mergeHeaders } from '../../transport/endpoint.js';
import type { ResponseHeaders } from '../../transport/http-response.js';
import type { HttpTransport } from '../../transport/http-transport.js';
import { assertAccepted, readJson } from '../../transport/open-chat.js';
import { parseRetryAfter } from '../../transport/parse-retry-after.js';
import { kindOfStatus } from '../../transport/status-kind.js';
import { toProviderError } from '../../transport/upstream-failure.js';
import { readRerankReply } from './read-rerank-reply.js';
import { RERANK_SHAPES, type RerankShape, type RerankType } from './rerank-shape.js';

/** A provider that judges how well texts fit a query, and does nothing else. */
export class RerankAdapter implements ProviderAdapter {
  readonly #config: ProviderConfig;
  readonly #transport: HttpTransport;
  readonly #shape: RerankShape;
  readonly #url: URL;

  constructor(config: ProviderConfig, type: RerankType, transport: HttpTransport) {
    this.#config = config;
    this.#transport = transport;
    this.#shape = RERANK_SHAPES[type];
    this.#url = endpoint(config.baseUrl ?? this.#shape.baseUrl, this.#shape.path);
  }

  async rerank(model: string, request: RerankRequest, attempt: AttemptContext): Promise<RerankResult> {
    const { connectMs, responseHeadMs, bodyMs } = attempt.timeouts;
    if (request.maxTokensPerDocument !== undefined && !this.#shape.takesMaxTokens) {
      attempt.warn('The parameter `max_tokens_per_doc` was dropped: the provider does not know it.');
    }
    const response = await this.#transport.request({
      method: 'POST',
      url: this.#url,
      headers: this.#headers(attempt),
      body: JSON.stringify(this.#shape.toBody(model, request)),
      signals: [attempt.signal],
      connectMs,
      headMs: responseHeadMs,
      progress: attempt.progress,
    });
    await assertAccepted(this.#transport, response, bodyMs, {
      readFailure: (status, headers, body) => this.#readFailure(status, headers, body, attempt),
    });
    const reply = await readJson(this.#transport, response, bodyMs);
    return readRerankReply(reply, this.#shape, { model, count: request.documents.length });
  }

  #headers({ apiKey }: AttemptContext): Record<string, string> {
    const own: Record<string, string> = {
      'user-agent': 'trunkline',
      'content-type': 'application/json',
      accept: 'application/json',
      'accept-encoding': 'gzip, deflate, br',
    };
    if (apiKey !== null) own.authorization = `Bearer ${apiKey}`;
    return mergeHeaders(own, this.#config.headers);
  }

  #readFailure(status: number, headers: ResponseHeaders, body: string, { apiKey }: AttemptContext): ProviderError {
    const retryAfterMs = parseRetryAfter(headers, this.#transport.clock);
    return toProviderError({ kind: kindOfStatus(status), status, retryAfterMs, message: messageOf(body) }, apiKey);
  }
}

// Each vendor has another name for what it says.
function messageOf(body: string): string | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (!isJsonObject(parsed)) return undefined;
  const said = [parsed.message, parsed.detail, isJsonObject(parsed.error) ? parsed.error.message : parsed.error];
  return said.find((value): value is string => typeof value === 'string');
}
