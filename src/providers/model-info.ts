import type { ProviderType } from '../config/gateway-config.js';
import type { BreakerState } from '../core/telemetry/telemetry.js';
import type { CatalogEntry, ModelCapabilities, TokenPrices } from './catalog/catalog-entry.js';
import type { LimiterSnapshot } from './limits/provider-limiter.js';
import type { BlockReason, CredentialBlock } from './resilience/credential-pool.js';
import type { TargetFailure } from './resilience/target.js';
import type { LoadSnapshot } from './routing/target-load.js';

/** What a model's name stands for. */
export interface ResolvedModel {
  /** As the client wrote it. */
  readonly name: string;
  /** In order of preference; at least one. */
  readonly targets: readonly {
    readonly provider: string;
    readonly providerType: ProviderType;
    readonly model: string;
  }[];
}

/** One line of the list of models. Numbers are of the first target; null where nothing is known. */
export interface ModelInfo {
  /** An alias, or `provider/model`. */
  readonly id: string;
  readonly kind: CatalogEntry['kind'];
  /** The provider's name; `trunkline` for aliases. */
  readonly ownedBy: string;
  /** Other names that may lead here. */
  readonly aliases: readonly string[];
  /** As `provider/model`, in order of preference. */
  readonly targets: readonly string[];
  readonly contextWindow: number | null;
  readonly maxOutputTokens: number | null;
  readonly dimensions: number | null;
  readonly capabilities: ModelCapabilities | null;
  readonly pricing: TokenPrices | null;
}

/**
 * `healthy`; `degraded` while it answers, though worse than it should; `paused` while it rests because the provider asked
 * for it; `sick` while requests are kept away from it, or only probe it.
 */
export type TargetState = 'healthy' | 'degraded' | 'paused' | 'sick';

/** How a target does. */
export interface TargetHealth {
  readonly provider: string;
  readonly model: string;
  readonly state: TargetState;
  readonly breaker: BreakerState;
  /** Milliseconds until the breaker lets a request pass; 0 when it does. */
  readonly retryAfterMs: number;
  /** `at` is wall-clock milliseconds. */
  readonly lastError: TargetFailure | null;
  /** The newest first, at most ten. */
  readonly lastErrors: readonly TargetFailure[];
  readonly consecutiveFailures: number;
  readonly credentials: { readonly total: number; readonly usable: number };
  /** Why no credential can be used here at present; null when one can. */
  readonly coolDown: { readonly reason: BlockReason; readonly retryAfterMs: number } | null;
  /** Every credential that may not be used here at present. */
  readonly coolDowns: readonly CredentialBlock[];
  readonly load: LoadSnapshot;
  /** How full the provider's own limits are, for all of its models together; null when it has none. */
  readonly limits: LimiterSnapshot | null;
}
