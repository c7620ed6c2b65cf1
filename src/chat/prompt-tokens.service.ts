import { Injectable } from '@nestjs/common';
import type { CallContext } from '../core/call-context.js';
import type { ChatRequest } from '../core/chat/chat-request.js';
import { AppError } from '../core/errors/app-error.js';
import { allowsModel } from '../core/model-patterns.js';
import { VettedFetch } from '../egress/vetted-fetch.js';
import { ProviderRegistry } from '../providers/provider-registry.js';
import { countChatTokens } from '../tokens/count-tokens.js';
import { imageVendorOf } from '../usage/metering/image-vendor-of.js';
import { urlsOf } from './vision/image-places.js';

/** Counts what a chat request's prompt would come to, without sending it. */
@Injectable()
export class PromptTokens {
  constructor(
    private readonly providers: ProviderRegistry,
    private readonly egress: VettedFetch,
  ) {}

  /**
   * By the provider's own count where the one that the request would go to first has one and answers in time, else by ours.
   * Nothing is billed. Rejects with `model_not_found`, `model_not_allowed`, `unsupported_capability`, and for URLs that no
   * provider may be sent to as `VettedFetch.checkUrl` throws.
   */
  async count(request: ChatRequest, call: CallContext): Promise<number> {
    call.requestedModel = request.model;
    const { targets } = this.providers.resolve(request.model);
    const names = targets.map(({ provider, model }) => `${provider}/${model}`);
    if (!allowsModel(call.principal.models, request.model, names)) {
      const message = `The key may not use "${request.model}". GET /v1/models lists what it may use.`;
      throw new AppError('model_not_allowed', message, { param: 'model' });
    }
    for (const { url, param } of urlsOf(request)) this.egress.checkUrl(url, param);
    return (await this.#ask(request, call)) ?? this.#estimate(request, targets[0]);
  }

  async #ask(request: ChatRequest, call: CallContext): Promise<number | null> {
    try {
      return await this.providers.countTokens(request, call);
    } catch (error) {
      if (!(error instanceof AppError) || error.code === 'unsupported_capability') throw error;
      call.warnings.push('The tokens were estimated: the provider did not count them.');
      return null;
    }
  }

  #estimate(
    request: ChatRequest,
    target: ReturnType<ProviderRegistry['resolve']>['targets'][number] | undefined,
  ): number {
    if (!target) return countChatTokens(request);
    return countChatTokens(request, { vendor: imageVendorOf(target.providerType), model: target.model });
  }
}
