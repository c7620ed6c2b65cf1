import { Injectable } from '@nestjs/common';
import { type CacheTerms, ExactCacheTerms } from '../cache/cache-terms.js';
import { type ContentKey, contentKeyOf } from '../cache/content-key.js';
import { SealedCache } from '../cache/sealed-cache.js';
import { GatewayConfig } from '../config/gateway-config.js';
import type { CallContext } from '../core/call-context.js';
import { Clock } from '../core/clock.js';
import type { EmbeddingRequest, EmbeddingResult } from '../core/embedding/embedding-request.js';
import { ModelIdentities } from '../providers/model-identities.js';
import { parseEmbeddings, serialiseEmbeddings, type StoredEmbeddings } from './stored-embeddings.js';

// To be raised when requests come to mean something else.
const VERSION = 'embeddings-1';

/** A place in the cache for the vectors of one request, and what it may do there. */
export interface EmbeddingPlace {
  readonly key: ContentKey;
  readonly terms: CacheTerms;
}

/** Vectors by the very requests that they were given to. */
@Injectable()
export class KeptEmbeddings {
  readonly #terms: ExactCacheTerms;

  constructor(
    gateway: GatewayConfig,
    private readonly identities: ModelIdentities,
    private readonly cache: SealedCache,
    private readonly clock: Clock,
  ) {
    this.#terms = new ExactCacheTerms(gateway);
  }

  /** Null for a request that the cache has nothing to do with. Throws `model_not_found`. */
  placeOf(request: EmbeddingRequest, call: CallContext): EmbeddingPlace | null {
    const terms = this.#terms.of(request.model, call.cacheWish);
    if (!terms) return null;
    const { model, source, termWeights, ...rest } = request;
    const identity = [call.principal.projectId, this.identities.of(model), rest, [...(termWeights ?? [])]];
    return { terms, key: contentKeyOf([VERSION, ...identity, source ? extrasOf(source) : null]) };
  }

  /** Null when there are none so young. Never rejects. */
  async find({ key, terms }: EmbeddingPlace): Promise<StoredEmbeddings | null> {
    if (!terms.canRead) return null;
    const bytes = await this.cache.get(key);
    const stored = bytes && parseEmbeddings(bytes);
    return stored && this.clock.now() - stored.storedAt < terms.ttlMs ? stored : null;
  }

  /** Keeps what the call brought, behind its back. */
  keep({ key, terms }: EmbeddingPlace, result: EmbeddingResult, { answeredBy, costUsd }: CallContext): void {
    if (!terms.canStore || !answeredBy) return;
    const stored = { result, answeredBy, costUsd, storedAt: this.clock.now() };
    this.cache.set(key, serialiseEmbeddings(stored), terms.ttlMs);
  }
}

// How the numbers are written is the renderer's affair.
function extrasOf({ dialect, body }: NonNullable<EmbeddingRequest['source']>): unknown {
  const { model: _model, encoding_format: _encoding, ...rest } = body;
  return [dialect, rest];
}
