import { Injectable } from '@nestjs/common';
import { GatewayConfig } from '../config/gateway-config.js';
import type { CallContext } from '../core/call-context.js';
import type { EmbeddingRequest, EmbeddingResult } from '../core/embedding/embedding-request.js';
import { Telemetry } from '../core/telemetry/telemetry.js';
import { ProviderRegistry } from '../providers/provider-registry.js';
import { UsageMeter } from '../usage/usage-meter.js';
import { type EmbeddingPlace, KeptEmbeddings } from './kept-embeddings.service.js';
import type { StoredEmbeddings } from './stored-embeddings.js';

/** Turns texts into vectors, whichever route or feature asks: admitted, routed, metered. */
@Injectable()
export class EmbeddingsService {
  constructor(
    private readonly gateway: GatewayConfig,
    private readonly meter: UsageMeter,
    private readonly providers: ProviderRegistry,
    private readonly kept: KeptEmbeddings,
    private readonly telemetry: Telemetry,
  ) {}

  /** One vector per input, in order; an empty model means the default one. Rejects with AppError. */
  async embed(request: EmbeddingRequest, call: CallContext): Promise<EmbeddingResult> {
    const named = request.model === '' ? { ...request, model: this.gateway.defaults.embeddings } : request;
    call.requestedModel ??= named.model;
    // Only a client that asks for vectors has them from the cache: of what features embed nothing comes twice.
    const place = named.source ? this.kept.placeOf(named, call) : null;
    return place ? this.#embedAt(place, named, call) : this.#send(named, call);
  }

  async #embedAt(place: EmbeddingPlace, request: EmbeddingRequest, call: CallContext): Promise<EmbeddingResult> {
    const stored = await this.kept.find(place);
    const status = stored ? 'hit' : place.terms.canRead ? 'miss' : 'bypass';
    this.telemetry.cacheUsed({ cache: 'exact', outcome: status });
    if (stored) return this.#replay(stored, request, call);
    call.cacheStatus = status;
    const result = await this.#send(request, call);
    this.kept.keep(place, result, call);
    return result;
  }

  async #replay(stored: StoredEmbeddings, request: EmbeddingRequest, call: CallContext): Promise<EmbeddingResult> {
    const meter = await this.meter.admitKeptEmbeddings(request, call);
    call.answeredBy = { ...stored.answeredBy };
    call.cacheStatus = 'hit';
    call.savedUsd = stored.costUsd;
    return meter.meter(stored.result);
  }

  async #send(request: EmbeddingRequest, call: CallContext): Promise<EmbeddingResult> {
    const meter = await this.meter.admitEmbeddings(request, call);
    try {
      return meter.meter(await this.providers.embed(request, call));
    } catch (error) {
      meter.fail(error);
      throw error;
    }
  }
}
