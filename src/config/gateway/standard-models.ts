import type { ModelConfig, ProviderConfig, ProviderType, TargetConfig } from '../gateway-config.js';

/** The aliases that exist whatever the models file says. */
export const STANDARD_ALIASES = ['fast', 'smart', 'reasoning', 'budget', 'creative'] as const;
export type StandardAlias = (typeof STANDARD_ALIASES)[number];

export const LOCAL_CHAT: TargetConfig = { provider: 'local', model: 'extractive', weight: 1, tier: null };
export const LOCAL_EMBEDDINGS: TargetConfig = { provider: 'local', model: 'lexical-384', weight: 1, tier: null };

/** In the order in which vendors are preferred; `chat` is what a request gets that names no model. */
const VENDOR_MODELS: readonly { type: ProviderType; chat: string; aliases: Readonly<Record<StandardAlias, string>> }[] =
  [
    {
      type: 'openai',
      chat: 'gpt-5.4-mini',
      aliases: {
        fast: 'gpt-5.4-mini',
        smart: 'gpt-5.6',
        reasoning: 'gpt-5.6',
        budget: 'gpt-5.4-nano',
        creative: 'gpt-5.6-terra',
      },
    },
    {
      type: 'anthropic',
      chat: 'claude-sonnet-5',
      aliases: {
        fast: 'claude-haiku-4-5',
        smart: 'claude-sonnet-5',
        reasoning: 'claude-opus-5',
        budget: 'claude-haiku-4-5',
        creative: 'claude-sonnet-5',
      },
    },
    {
      type: 'gemini',
      chat: 'gemini-3.6-flash',
      aliases: {
        fast: 'gemini-3.5-flash-lite',
        smart: 'gemini-3.6-flash',
        reasoning: 'gemini-3.1-pro-preview',
        budget: 'gemini-3.1-flash-lite',
        creative: 'gemini-3.6-flash',
      },
    },
  ];

/** The default chat target: the first keyed vendor's, else the built-in answerer. */
export function defaultChatTarget(providers: readonly ProviderConfig[]): TargetConfig {
  for (const vendor of VENDOR_MODELS) {
    const provider = providers.find((candidate) => candidate.type === vendor.type);
    if (provider !== undefined) return { provider: provider.name, model: vendor.chat, weight: 1, tier: null };
  }
  return LOCAL_CHAT;
}

/** A standard alias over every keyed vendor, one target each, else over the built-in answerer. */
export function standardModel(name: StandardAlias, providers: readonly ProviderConfig[]): ModelConfig {
  const targets = VENDOR_MODELS.flatMap((vendor) => {
    const provider = providers.find((candidate) => candidate.type === vendor.type);
    return provider === undefined
      ? []
      : [{ provider: provider.name, model: vendor.aliases[name], weight: 1, tier: null }];
  });
  return {
    name,
    targets: targets.length > 0 ? targets : [LOCAL_CHAT],
    routing: 'priority',
    contextFallback: [],
    timeouts: {},
    hedge: null,
    singleFlight: false,
    continuation: null,
    exactCache: null,
    semanticCache: null,
  };
}
