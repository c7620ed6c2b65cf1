import type { ConversationsConfig } from './conversations-config.js';
import type { ToolsConfig } from './tools-config.js';

/** The types of a provider that the models file may name. */
export const PROVIDER_TYPES = [
  'openai',
  'anthropic',
  'openai-compatible',
  'azure-openai',
  'gemini',
  'vertex',
  'cohere',
  'jina',
  'voyage',
  'local',
] as const;
export type ProviderType = (typeof PROVIDER_TYPES)[number];

/** The surfaces by which a server that speaks OpenAI's protocol may be asked for text. */
export type OpenAiApi = 'chat' | 'responses' | 'completions';

export interface BreakerConfig {
  failureRatio: number;
  minRequests: number;
  windowMs: number;
  openMs: number;
  /** How many requests may probe at once when the open time is over. */
  probes: number;
}

/** The four timers of faults.md section 1, and the ones that only some calls use; all in milliseconds. */
export interface TimeoutConfig {
  connectMs: number;
  /** Dispatch to the first content of a stream. */
  firstContentMs: number;
  /** Dispatch to the response head of an unstreamed call. */
  responseHeadMs: number;
  /** Between two events of a stream. */
  idleMs: number;
  /** Reading the body of an unstreamed answer. */
  bodyMs: number;
  totalMs: number;
}

/** What a provider may be asked for by all instances together; null where it is not limited. */
export interface ProviderLimitsConfig {
  readonly requestsPerMinute: number | null;
  readonly tokensPerMinute: number | null;
  /** Requests under way at once. */
  readonly concurrency: number | null;
}

/** Where requests wait that the provider's limits do not let pass yet. */
export interface ProviderQueueConfig {
  /** How many may wait; the next one goes elsewhere or is refused. */
  readonly size: number;
  /** Milliseconds that one may wait. */
  readonly waitMs: number;
}

/** What only Azure OpenAI asks for. */
export interface AzureConfig {
  /** The `api-version` of deployment URLs; null speaks the resource's `/openai/v1` surface, which needs none. */
  readonly apiVersion: string | null;
  /** The catalogue's model behind a deployment, by the deployment's name; a name that is missing is its own model. */
  readonly deployments: Readonly<Record<string, string>>;
}

/** What only Vertex AI asks for. */
export interface VertexConfig {
  readonly project: string;
  readonly location: string;
  /** A service account's or any other credentials file; null takes what Google's own rules find on the machine. */
  readonly credentialsFile: string | null;
}

export interface ProviderConfig {
  readonly name: string;
  readonly type: ProviderType;
  /** As the vendor's SDK takes it: with `/v1` for OpenAI types, without for Anthropic; null means the vendor's own. */
  readonly baseUrl: string | null;
  readonly apiKeys: readonly string[];
  /** Bare model names this provider is known to serve, beyond the catalogue's. */
  readonly models: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly breaker: BreakerConfig;
  /** For servers known never to send a finish reason: a clean end of the stream counts as `stop`. */
  readonly finishReasonOptional: boolean;
  /** Which of OpenAI's surfaces it has, where the operator knows better than its type tells. */
  readonly apis?: readonly OpenAiApi[];
  /** How its models are brought to answer in JSON, where the operator knows better than their type tells. */
  readonly structuredOutput?: 'native' | 'tool' | 'instruction';
  /** Whether its requests carry the `traceparent` of our own traces; missing where they do not. */
  readonly traceContext?: boolean;
  readonly limits: ProviderLimitsConfig;
  readonly queue: ProviderQueueConfig;
  /** Null for every type but `azure-openai`. */
  readonly azure: AzureConfig | null;
  /** Null for every type but `vertex`. */
  readonly vertex: VertexConfig | null;
}

/** How the targets of a model are ordered for a request. */
export const ROUTINGS = ['priority', 'weighted', 'latency', 'price', 'auto'] as const;
export type Routing = (typeof ROUTINGS)[number];

/** Which requests a target is meant for under `auto` routing. */
export type TargetTier = 'small' | 'large';

/** One place a request can go to: a provider and its own name of a model. */
export interface TargetConfig {
  readonly provider: string;
  readonly model: string;
  /** Its share under `weighted` routing; positive. */
  readonly weight: number;
  /** Null leaves it to the prices: the cheapest target is the small one. */
  readonly tier: TargetTier | null;
}

/** After which share of the usual times to the first content a second request may be sent. */
export type HedgeAfter = 'p90' | 'p95' | 'p99';

/** When a request that is slow to answer is sent to a second target as well. */
export interface HedgeConfig {
  readonly after: HedgeAfter;
  /** Extra requests at most, as a share of the model's requests, from 0 to 1. */
  readonly maxExtra: number;
}

/** How another attempt goes on with a stream that broke after content. */
export interface ContinuationConfig {
  /** What is told to a model that takes no beginning of its answer. */
  readonly instruction: string;
}

/** Which requests a response cache is for: all of them, those that ask for it, or none. */
export type CacheUse = 'always' | 'on_request' | 'never';

/** When a kept answer is given again to the same request. */
export interface ExactCacheConfig {
  readonly use: CacheUse;
  /** How long an answer is kept, in milliseconds; requests may say less. */
  readonly ttlMs: number;
}

/** What must agree between two questions besides their facts: the words too, or the meaning that the embedding model sees. */
export type Wording = 'same' | 'free';

/** When a kept answer is given again to a question that means the same. */
export interface SemanticCacheConfig {
  readonly use: CacheUse;
  /** How long an answer is kept, in milliseconds; requests may say less. */
  readonly ttlMs: number;
  /** Cosine similarity of the questions from which on an answer is given again, above 0 and up to 1. */
  readonly threshold: number;
  /** Null is `same` with the built-in embedder, which knows no meanings, and `free` with every other one. */
  readonly wording: Wording | null;
}

/** What all models have in common. */
export interface CachesConfig {
  readonly semantic: SemanticCacheConfig & {
    /** An alias or `provider/model`; null takes the default one. */
    readonly embeddingModel: string | null;
    /** Answers kept for one project at most. */
    readonly maxEntries: number;
    /** Milliseconds that looking for an answer may take before the model is asked. */
    readonly timeoutMs: number;
  };
  readonly exact: ExactCacheConfig & {
    /** What the answers kept in this process may take in memory, where they are not in Redis. */
    readonly maxBytes: number;
    /** A longer answer is not kept; before compression. */
    readonly maxAnswerBytes: number;
  };
}

export interface ModelConfig {
  readonly name: string;
  readonly targets: readonly TargetConfig[];
  readonly routing: Routing;
  /** Where a request goes that is too long for a target's context window; empty refuses it. */
  readonly contextFallback: readonly TargetConfig[];
  /** Overrides of the default timers; an explicit `firstContentMs` applies to both modes. */
  readonly timeouts: Readonly<Partial<TimeoutConfig>>;
  /** Null sends no request twice. */
  readonly hedge: HedgeConfig | null;
  /** Identical requests of one project that are under way at once share one answer. */
  readonly singleFlight: boolean;
  /** Null ends a stream that breaks after content with an error. */
  readonly continuation: ContinuationConfig | null;
  /** Null where the model goes by what is said of all. */
  readonly exactCache: ExactCacheConfig | null;
  /** As `exactCache`. */
  readonly semanticCache: SemanticCacheConfig | null;
}

/** USD per million tokens, as decimal numbers. Classes that are missing cost what `input` or `output` does. */
export interface PriceConfig {
  readonly input: number;
  readonly output: number;
  readonly cachedInput?: number;
  readonly cacheWrite5m?: number;
  readonly cacheWrite1h?: number;
  readonly reasoning?: number;
  readonly imageInput?: number;
  readonly audioInput?: number;
  readonly audioOutput?: number;
  readonly imageOutput?: number;
  /** Prices of the whole request once its input is longer, ascending. */
  readonly tiers?: { aboveInputTokens: number; prices: Omit<PriceConfig, 'tiers' | 'batchDiscount' | 'units'> }[];
  /** The part of the price that the provider's own batches save, from 0 to 1. */
  readonly batchDiscount?: number;
  /** USD for one unit of what is not billed by tokens. */
  readonly units?: {
    readonly image?: number;
    readonly audioInputSecond?: number;
    readonly audioOutputSecond?: number;
    readonly character?: number;
    readonly search?: number;
    /** Of an image by `SIZE` or `QUALITY SIZE`; `image` holds for the others. */
    readonly images?: Record<string, number>;
  };
}

/** How questions about documents are answered. */
export interface AnswersConfig {
  /** What is said when the documents hold no answer; null says it in the language of the question. */
  readonly noAnswerText: string | null;
  /** Below this confidence, 0..1, no model is asked; null takes the calibrated value. */
  readonly minConfidence: number | null;
  /** Who makes a follow-up understandable by itself; `answering` is the model that answers, null nobody. */
  readonly followUpModel: string | null;
}

/**
 * Everything the models file (or its absence, with the keys in the environment) says, validated and complete; type and
 * injection token in one.
 */
export abstract class GatewayConfig {
  /** In file order; a bare model name belongs to the first that lists it. */
  abstract readonly providers: readonly ProviderConfig[];
  /** The names of those that are left out, with their targets, because none of their keys is set. */
  abstract readonly keyless: readonly string[];
  abstract readonly models: readonly ModelConfig[];
  /** By `provider/model`. */
  abstract readonly prices: Readonly<Record<string, PriceConfig>>;
  /** Without `rerank` only requests that name a model are reranked. */
  abstract readonly defaults: { readonly chat: string; readonly embeddings: string; readonly rerank?: string };
  /** `defaultOutputTokens`: the output limit of requests that set none, under a budget. */
  abstract readonly budgets: { readonly defaultOutputTokens: number };
  abstract readonly answers: AnswersConfig;
  abstract readonly conversations: ConversationsConfig;
  abstract readonly caches: CachesConfig;
  abstract readonly unpricedModels: 'flag' | 'refuse';
  /** The tools that the server runs for models. */
  abstract readonly tools: ToolsConfig;
}
