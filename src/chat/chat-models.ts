import { Injectable } from '@nestjs/common';
import { GatewayConfig, type ProviderConfig } from '../config/gateway-config.js';
import type { CatalogEntry } from '../providers/catalog/catalog-entry.js';
import { catalogModelOf } from '../providers/catalog/catalog-model.js';
import { ModelCatalog } from '../providers/catalog/model-catalog.js';
import type { ResolvedModel } from '../providers/model-info.js';
import { ProviderRegistry } from '../providers/provider-registry.js';
import { boundPrompt } from '../usage/metering/prompt-margin.js';

/** What a feature that writes prompts has to know of the model that will get them. */
export interface ChatModelFacts {
  /** Whether it runs in this process, wherever the request goes, and generates nothing. */
  readonly runsHere: boolean;
  /** Whether one of its targets takes `documents`; the others must find them quoted in the messages. */
  readonly takesDocuments: boolean;
  /** How many tokens, by our own count, a prompt may have so that every target has room for it and an answer. */
  readonly promptTokens: number;
}

/** How long prompts of a model may be, by our own count of tokens. */
export interface PromptRoom {
  /** So many, and every target has room for them and for the answer. */
  readonly promptTokens: number;
  /** With more, no target can have room; Infinity where a window is not known. */
  readonly mostTokens: number;
}

// Of a model that nobody knows: nearly every one that is served today takes as much.
const USUAL_WINDOW = 16_384;
const MOST_ANSWER_TOKENS = 4_096;
const ANSWER_SHARE = 4;
const MANY_TOKENS = 1_000_000;

/** Facts about chat models by the names that requests use. */
@Injectable()
export class ChatModels {
  readonly #providers: ReadonlyMap<string, ProviderConfig>;
  readonly #defaultModel: string;

  constructor(
    private readonly gateway: GatewayConfig,
    private readonly registry: ProviderRegistry,
    private readonly catalog: ModelCatalog,
  ) {
    this.#providers = new Map(gateway.providers.map((provider) => [provider.name, provider]));
    this.#defaultModel = gateway.defaults.chat;
  }

  /** An empty name means the default model. Throws `model_not_found`. */
  factsOf(name: string): ChatModelFacts {
    const { targets } = this.registry.resolve(name === '' ? this.#defaultModel : name);
    return {
      runsHere: targets.every(isLocal),
      takesDocuments: targets.some(isLocal),
      promptTokens: Math.min(...targets.map((target) => this.#promptTokensOf(target))),
    };
  }

  /** The room for prompts beside an answer of at most `answerTokens` (the usual length when undefined). Throws `model_not_found`. */
  roomOf(name: string, { answerTokens, hasTools }: { answerTokens?: number; hasTools: boolean }): PromptRoom {
    const named = name === '' ? this.#defaultModel : name;
    const { targets } = this.registry.resolve(named);
    const rescuers = this.gateway.models.find((model) => model.name === named)?.contextFallback ?? [];
    return {
      promptTokens: Math.min(...targets.map((target) => this.#promptTokensOf(target, { answerTokens, hasTools }))),
      mostTokens: Math.max(...[...targets, ...rescuers].map((target) => this.#windowOf(target))),
    };
  }

  #windowOf(target: Pick<ResolvedModel['targets'][number], 'provider' | 'model'>): number {
    if (this.#providers.get(target.provider)?.type === 'local') return Infinity;
    return this.#entryOf(target)?.contextWindow ?? Infinity;
  }

  #entryOf({ provider, model }: Pick<ResolvedModel['targets'][number], 'provider' | 'model'>): CatalogEntry | null {
    const config = this.#providers.get(provider);
    return config ? this.catalog.find(config.type, catalogModelOf(config, model)) : null;
  }

  #promptTokensOf(
    target: ResolvedModel['targets'][number],
    { answerTokens, hasTools }: { answerTokens?: number; hasTools: boolean } = { hasTools: false },
  ): number {
    const { providerType } = target;
    // It reads what it is given.
    if (providerType === 'local') return Infinity;
    const entry = this.#entryOf(target);
    const window = entry?.contextWindow ?? USUAL_WINDOW;
    const usual = Math.min(MOST_ANSWER_TOKENS, entry?.maxOutputTokens ?? Infinity, Math.floor(window / ANSWER_SHARE));
    const answer = answerTokens === undefined ? usual : Math.min(answerTokens, entry?.maxOutputTokens ?? Infinity);
    const frame = boundPrompt(0, providerType, hasTools);
    const factor = (boundPrompt(MANY_TOKENS, providerType, hasTools) - frame) / MANY_TOKENS;
    return Math.max(0, Math.floor((window - answer - frame) / factor));
  }
}

function isLocal({ providerType }: ResolvedModel['targets'][number]): boolean {
  return providerType === 'local';
}
