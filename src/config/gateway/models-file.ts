import type { HedgeAfter, ProviderType, Routing, TargetTier } from '../gateway-config.js';

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
  limits?: { requests_per_minute?: number; tokens_per_minute?: number; concurrency?: number };
  queue?: { size?: number; wait_ms?: number };
  /** Azure only. */
  api_version?: string;
  deployments?: Record<string, string>;
  /** Vertex only. */
  project?: string;
  location?: string;
  credentials_file?: string;
}

export type TargetEntry = string | { model: string; weight?: number; tier?: TargetTier };

export interface ModelEntry {
  kind?: 'chat' | 'embeddings';
  targets: TargetEntry[];
  routing?: Routing;
  context_fallback?: string[];
  hedge?: { after?: HedgeAfter; max_extra?: number };
  single_flight?: boolean;
  on_stream_failure?: 'error' | 'continue';
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
}

export interface PriceEntry extends TokenPriceEntry {
  tiers?: (TokenPriceEntry & { above_input_tokens: number })[];
  batch_discount?: number;
  per_image?: number;
  per_audio_input_second?: number;
  per_audio_output_second?: number;
  per_character?: number;
}

/** The models file as it is written, after its JSON Schema has accepted it. */
export interface ModelsFile {
  providers?: Record<string, ProviderEntry> | null;
  models?: Record<string, ModelEntry> | null;
  prices?: Record<string, PriceEntry> | null;
  defaults?: { chat?: string; embeddings?: string; rerank?: string } | null;
  continuation?: { instruction?: string } | null;
  budgets?: { default_output_tokens?: number } | null;
  answers?: { no_answer_text?: string; min_confidence?: number; follow_up_model?: string } | null;
  unpriced_models?: 'flag' | 'refuse';
}
