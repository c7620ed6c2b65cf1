import type { JsonObject } from '../../core/json.js';
import type { CacheUse, HedgeAfter, ProviderType, Routing, TargetTier, Wording } from '../gateway-config.js';
import type { HttpToolMethod } from '../tools-config.js';

export interface ProviderEntry {
  type: ProviderType;
  base_url?: string;
  api_keys?: string[];
  models?: string[];
  headers?: Record<string, string>;
  breaker?: {
    failure_ratio?: number;
    min_requests?: number;
    window_ms?: number;
    open_ms?: number;
    probes?: number;
  };
  finish_reason_optional?: boolean;
  apis?: ('chat' | 'responses' | 'completions')[];
  structured_output?: 'native' | 'tool' | 'instruction';
  limits?: { requests_per_minute?: number; tokens_per_minute?: number; concurrency?: number };
  queue?: { size?: number; wait_ms?: number };
  /** Azure only. */
  api_version?: string;
  deployments?: Record<string, string>;
  /** Vertex only. */
  project?: string;
  location?: string;
  credentials_file?: string;
  trace_context?: boolean;
}

export type TargetEntry = string | { model: string; weight?: number; tier?: TargetTier };

export interface ExactCacheEntry {
  use?: CacheUse;
  ttl_seconds?: number;
}

export interface SemanticCacheEntry {
  use?: CacheUse;
  ttl_seconds?: number;
  threshold?: number;
  wording?: Wording;
}

export interface ModelEntry {
  kind?: 'chat' | 'embeddings';
  targets: TargetEntry[];
  routing?: Routing;
  context_fallback?: string[];
  hedge?: { after?: HedgeAfter; max_extra?: number };
  single_flight?: boolean;
  on_stream_failure?: 'error' | 'continue';
  caches?: { exact?: ExactCacheEntry; semantic?: SemanticCacheEntry };
  timeouts?: {
    connect_ms?: number;
    first_content_ms?: number;
    response_head_ms?: number;
    idle_ms?: number;
    body_ms?: number;
    total_ms?: number;
  };
}

export interface TokenPriceEntry {
  input: number;
  output: number;
  cached_input?: number;
  cache_write_5m?: number;
  cache_write_1h?: number;
  reasoning?: number;
  image_input?: number;
  audio_input?: number;
  audio_output?: number;
  image_output?: number;
}

export interface PriceEntry extends TokenPriceEntry {
  tiers?: (TokenPriceEntry & { above_input_tokens: number })[];
  batch_discount?: number;
  per_image?: number;
  per_audio_input_second?: number;
  per_audio_output_second?: number;
  per_character?: number;
  per_search?: number;
  images?: Record<string, number>;
}

export interface HttpToolEntry {
  description: string;
  parameters?: JsonObject;
  url: string;
  method?: HttpToolMethod;
  headers?: Record<string, string>;
  arguments?: 'query' | 'body';
  timeout_ms?: number;
  max_response_bytes?: number;
  projects?: string[];
}

export interface McpServerEntry {
  url?: string;
  headers?: Record<string, string>;
  command?: string;
  args?: string[];
  env?: Record<string, string>;
  cwd?: string;
  tools?: string[];
  timeout_ms?: number;
  connect_ms?: number;
  projects?: string[];
}

export interface ToolLoopEntry {
  max_steps?: number;
  max_ms?: number;
  max_cost_usd?: number;
  parallel_calls?: number;
  max_result_tokens?: number;
}

/** The models file as it is written, after its JSON Schema has accepted it. */
export interface ModelsFile {
  providers?: Record<string, ProviderEntry> | null;
  models?: Record<string, ModelEntry> | null;
  prices?: Record<string, PriceEntry> | null;
  defaults?: { chat?: string; embeddings?: string; rerank?: string } | null;
  continuation?: { instruction?: string } | null;
  caches?: {
    exact?: ExactCacheEntry & { max_bytes?: number; max_answer_bytes?: number };
    semantic?: SemanticCacheEntry & { embedding_model?: string; max_entries?: number; timeout_ms?: number };
  } | null;
  budgets?: { default_output_tokens?: number } | null;
  conversations?: {
    max_messages?: number;
    max_message_bytes?: number;
    summary?: { model: string; max_tokens?: number; max_wait_ms?: number };
  } | null;
  answers?: { no_answer_text?: string; min_confidence?: number; follow_up_model?: string } | null;
  unpriced_models?: 'flag' | 'refuse';
  tools?: Record<string, HttpToolEntry> | null;
  mcp_servers?: Record<string, McpServerEntry> | null;
  tool_loop?: ToolLoopEntry | null;
}
