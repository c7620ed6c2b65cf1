import { Injectable } from '@nestjs/common';
import { GatewayConfig } from '../config/gateway-config.js';
import type { CallContext } from '../core/call-context.js';
import type { EmbeddingRequest, EmbeddingResult } from '../core/embedding/embedding-request.js';
import { ProviderRegistry } from '../providers/provider-registry.js';
import { UsageMeter } from '../usage/usage-meter.js';

/** Turns texts into vectors, whichever route or feature asks: admitted, routed, metered. */
@Injectable()
export class EmbeddingsService {
  constructor(
    private readonly gateway: GatewayConfig,
    private readonly meter: UsageMeter,
    private readonly providers: ProviderRegistry,
  ) {}

  /** One vector per input, in order; an empty model means the default one. Rejects with AppError. */
  async embed(request: EmbeddingRequest, call: CallContext): Promise<EmbeddingResult> {
    const named = request.model === '' ? { ...request, model: this.gateway.defaults.embeddings } : request;
    call.requestedModel ??= named.model;
    const meter = await this.meter.admitEmbeddings(named, call);
    try {
      return meter.meter(await this.providers.embed(named, call));
    } catch (error) {
      meter.fail(error);
      throw error;
    }
  }
}
