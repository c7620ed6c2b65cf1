import { Injectable } from '@nestjs/common';
import type { CallContext } from '../core/call-context.js';
import { tokenUsage } from '../core/chat/token-usage.js';
import type { EmbeddingInput, EmbeddingRequest } from '../core/embedding/embedding-request.js';
import { AppError } from '../core/errors/app-error.js';
import type { ErrorCode } from '../core/errors/error-codes.js';
import type { RerankRequest, RerankResult } from '../core/rerank/rerank-request.js';
import { ProviderRegistry } from '../providers/provider-registry.js';
import { UsageMeter } from '../usage/usage-meter.js';

const RERANK_TYPES: ReadonlySet<string> = new Set(['cohere', 'jina', 'voyage']);
/** How a provider that bills by search counts: so many documents are one, and longer ones are several documents. */
const DOCUMENTS_PER_SEARCH = 100;
const CHARACTERS_PER_DOCUMENT = 2_000;

/** What is the provider's fault, or its opinion of the texts, although its category is another one. */
const PROVIDER_CODES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'upstream_rate_limited',
  'upstream_rejected_request',
  'context_length_exceeded',
  'content_filter',
  'no_healthy_upstream',
]);

/** Whether a provider could not do it, so that a search can go on without; what is wrong with the request itself cannot. */
export function isProviderFailure(error: unknown): error is AppError {
  return error instanceof AppError && (error.category === 'upstream' || PROVIDER_CODES.has(error.code));
}

/** Judges texts by how well they fit a query, by models made for it: admitted, routed, metered. */
@Injectable()
export class RerankService {
  constructor(
    private readonly meter: UsageMeter,
    private readonly providers: ProviderRegistry,
  ) {}

  /** Whether the model is made for it, and not one that chats. Throws `model_not_found`. */
  isReranker(model: string): boolean {
    return this.providers.resolve(model).targets.some(({ providerType }) => RERANK_TYPES.has(providerType));
  }

  /**
   * One score per document, in their order; the error when no provider could give them: the call can do without.
   * Rejects with AppError when the request is refused, and with ClientGoneError.
   */
  async rerank(request: RerankRequest, call: CallContext): Promise<RerankResult | AppError> {
    call.requestedModel ??= request.model;
    const meter = await this.meter.admitEmbeddings(this.#billed(request), call);
    const settle = (model: string, usage = tokenUsage({ estimated: true })): void => {
      meter.meter({ model, vectors: [], usage, warnings: [] });
    };
    try {
      const result = await this.providers.rerank(request, call);
      settle(result.model, result.usage);
      return result;
    } catch (error) {
      if (!isProviderFailure(error)) {
        meter.fail(error);
        throw error;
      }
      // The attempts say in the ledger that they failed; the call itself did not.
      settle(request.model);
      return error;
    }
  }

  // Texts go in and numbers come out, as with embeddings; who bills by search is asked for as many tokens as searches.
  #billed({ model, query, documents }: RerankRequest): EmbeddingRequest {
    // Chat models of the same name are not asked.
    const targets = this.providers.resolve(model).targets.filter(({ providerType }) => RERANK_TYPES.has(providerType));
    const isBilledBySearch = targets.every(({ providerType }) => providerType === 'cohere');
    const inputs: EmbeddingInput[] = isBilledBySearch
      ? [searchesOf(documents)]
      : documents.map((text) => `${query}\n${text}`);
    return { model, inputs };
  }
}

function searchesOf(documents: readonly string[]): number[] {
  const parts = documents.reduce((sum, text) => sum + Math.max(1, Math.ceil(text.length / CHARACTERS_PER_DOCUMENT)), 0);
  return Array.from({ length: Math.ceil(parts / DOCUMENTS_PER_SEARCH) }, () => 0);
}
