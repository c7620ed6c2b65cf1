import { Injectable } from '@nestjs/common';
import { GatewayConfig, type ProviderConfig } from '../../config/gateway-config.js';
import type { ChatRequest } from '../../core/chat/chat-request.js';
import type { TokenUsage } from '../../core/chat/token-usage.js';
import { AppError } from '../../core/errors/app-error.js';
import { allowsModel } from '../../core/model-patterns.js';
import type { Principal } from '../../core/principal.js';
import { catalogModelOf } from '../../providers/catalog/catalog-model.js';
import { ModelCatalog } from '../../providers/catalog/model-catalog.js';
import type { ResolvedModel } from '../../providers/model-info.js';
import { ProviderRegistry } from '../../providers/provider-registry.js';
import { PriceBook } from '../pricing/price-book.js';
import { unpricedParameter } from '../pricing/unpriced-parameter.js';
import { sourceSentTo } from './source-sent-to.js';

export type Candidate = ResolvedModel['targets'][number];

/** What is known of a candidate's sizes, in tokens; null where nothing is. */
export interface CandidateSizes {
  readonly maxOutputTokens: number | null;
  readonly contextWindow: number | null;
  /** It has no surface but OpenAI's Responses. */
  readonly hasResponsesOnly: boolean;
}

/** Where the requests for a model may be sent, by whom, and on what terms. */
@Injectable()
export class Candidates {
  readonly #providers: ReadonlyMap<string, ProviderConfig>;

  constructor(
    private readonly registry: ProviderRegistry,
    private readonly prices: PriceBook,
    private readonly catalog: ModelCatalog,
    gateway: GatewayConfig,
  ) {
    this.#providers = new Map(gateway.providers.map((config) => [config.name, config]));
  }

  /**
   * Every target that a request for the model may be sent to. Throws `model_not_found`, `model_not_allowed`, and
   * `model_not_priced` where such models are refused.
   */
  find(model: string, principal: Principal): readonly Candidate[] {
    const { targets } = this.registry.resolve(model);
    return this.#checked(model, targets, isOnList(principal, model, targets));
  }

  /** As `find`, for embeddings: models that run here cost nothing, and collections need them whatever the key is for. */
  findForEmbeddings(model: string, principal: Principal): readonly Candidate[] {
    const { targets } = this.registry.resolve(model);
    const isAllowed = targets.every(isLocal) || isOnList(principal, model, targets);
    return this.#checked(model, targets, isAllowed);
  }

  /**
   * As `find`, for what is not billed by tokens alone: what a candidate would use at most (`mostOf`) is what must have a
   * price. Those that are not meant for it are left out, where others are.
   */
  findForMedia(
    model: string,
    principal: Principal,
    terms: {
      readonly isMeant: (candidate: Candidate) => boolean;
      readonly mostOf: (candidate: Candidate) => TokenUsage;
    },
  ): readonly Candidate[] {
    const { targets } = this.registry.resolve(model);
    this.#requireLeave(model, isOnList(principal, model, targets));
    const meant = targets.filter(terms.isMeant);
    const candidates = meant.length > 0 ? meant : targets;
    if (this.prices.refusesUnpriced) this.requireUnitPrices(model, candidates, terms.mostOf);
    return candidates;
  }

  /** Throws `model_not_priced` unless what every candidate would use has a known price. */
  requireUnitPrices(
    model: string,
    candidates: readonly Candidate[],
    mostOf: (candidate: Candidate) => TokenUsage,
  ): void {
    const isPriced = (candidate: Candidate): boolean =>
      this.prices.costOf(candidate.provider, candidate.model, mostOf(candidate)) !== null;
    if (!candidates.every(isPriced)) throw notPriced(model);
  }

  /** Throws `model_not_priced` unless the price of every candidate is known. */
  requirePrices(model: string, candidates: readonly Candidate[]): void {
    if (candidates.every((candidate) => this.prices.isPriced(candidate.provider, candidate.model))) return;
    throw notPriced(model);
  }

  /** Throws `unpriced_parameter` when the request asks for something that would cost money at no known price. */
  requirePricedParameters(request: ChatRequest, candidates: readonly Candidate[]): void {
    for (const { provider, model } of candidates) {
      const table = this.prices.tableOf(provider, model);
      const source = sourceSentTo(request, this.#providers.get(provider));
      const param = table && unpricedParameter({ messages: request.messages, source }, table);
      if (param === null) continue;
      throw new AppError(
        'unpriced_parameter',
        `\`${param}\` costs money in a way that has no known price, and a budget applies. Leave it out.`,
        { param },
      );
    }
  }

  sizesOf({ provider, model }: Candidate): CandidateSizes {
    const config = this.#providers.get(provider);
    const entry = config && this.catalog.find(config.type, catalogModelOf(config, model));
    return {
      maxOutputTokens: entry?.maxOutputTokens ?? null,
      contextWindow: entry?.contextWindow ?? null,
      hasResponsesOnly: entry?.kind === 'responses',
    };
  }

  #checked(model: string, targets: readonly Candidate[], isAllowed: boolean): readonly Candidate[] {
    this.#requireLeave(model, isAllowed);
    if (this.prices.refusesUnpriced) this.requirePrices(model, targets);
    return targets;
  }

  #requireLeave(model: string, isAllowed: boolean): void {
    if (isAllowed) return;
    throw new AppError(
      'model_not_allowed',
      `The key may not use "${model}". GET /v1/models lists what it may use; an administrator can allow more.`,
      { param: 'model' },
    );
  }
}

function notPriced(model: string): AppError {
  return new AppError(
    'model_not_priced',
    `"${model}" may be answered by a model without a known price. Name another model, or have its price configured.`,
    { param: 'model' },
  );
}

/** Whether the model runs in this process. */
export function isLocal({ providerType }: Candidate): boolean {
  return providerType === 'local';
}

/** A candidate as clients and configuration name it. */
export function nameOf({ provider, model }: Pick<Candidate, 'provider' | 'model'>): string {
  return `${provider}/${model}`;
}

function isOnList({ models }: Principal, model: string, targets: readonly Candidate[]): boolean {
  return models === null || allowsModel(models, model, targets.map(nameOf));
}
