import { Injectable } from '@nestjs/common';
import type { CallContext } from '../core/call-context.js';
import { AppError } from '../core/errors/app-error.js';
import type { ErrorCode } from '../core/errors/error-codes.js';
import type { RerankRequest, RerankResult } from '../core/rerank/rerank-request.js';
import { ProviderRegistry } from '../providers/provider-registry.js';
import { rerankOrder } from '../usage/metering/media/rerank-order.js';
import { type MediaMeter, UsageMeter } from '../usage/usage-meter.js';

const RERANK_TYPES: ReadonlySet<string> = new Set(['cohere', 'jina', 'voyage']);

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
    const meter = await this.#admit(request, call);
    try {
      return await this.#ask(request, call, meter);
    } catch (error) {
      if (!isProviderFailure(error)) {
        meter.fail(error);
        throw error;
      }
      // The attempts say in the ledger that they failed; the call itself did not.
      meter.complete();
      return error;
    }
  }

  /** As `rerank`, for whoever cannot do without: rejects also when no provider could do it. The usage is what is billed. */
  async require(request: RerankRequest, call: CallContext): Promise<RerankResult> {
    const meter = await this.#admit(request, call);
    try {
      const result = await this.#ask(request, call, meter);
      return { ...result, usage: call.usage ?? result.usage };
    } catch (error) {
      meter.fail(error);
      throw error;
    }
  }

  #admit(request: RerankRequest, call: CallContext): Promise<MediaMeter> {
    call.requestedModel ??= request.model;
    // Chat models of the same name are not asked.
    return this.meter.admitMedia(rerankOrder(request), call, ({ providerType }) => RERANK_TYPES.has(providerType));
  }

  async #ask(request: RerankRequest, call: CallContext, meter: MediaMeter): Promise<RerankResult> {
    const result = await this.providers.rerank(request, call);
    meter.complete();
    return result;
  }
}
