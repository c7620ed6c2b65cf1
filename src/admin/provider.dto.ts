import type { TargetHealth } from '../providers/model-info.js';

/** The last failure of a target. */
export class ProviderFailureDto {
  /** The kind of failure, from a closed set. */
  kind!: string;
  /** When it happened (RFC 3339). */
  at!: string;
}

/** How many of a provider's credentials can be used for a model. */
export class ProviderCredentialsDto {
  total!: number;
  usable!: number;
}

/** Why no credential can be used at present. */
export class ProviderCoolDownDto {
  /** @example "rate-limited" */
  reason!: string;
  /** Milliseconds until one may be tried again. */
  retry_after_ms!: number;
}

/** One provider's model, and how it does. */
export class ProviderTargetDto {
  provider!: string;
  /** The provider's own name of the model. */
  model!: string;
  /** `healthy`, or `sick` while requests are kept away from it or only probe it. */
  state!: 'healthy' | 'sick';
  /** State of the circuit breaker. */
  breaker!: 'closed' | 'open' | 'half-open';
  /** Milliseconds until the breaker lets a request pass; 0 when it does. */
  retry_after_ms!: number;
  consecutive_failures!: number;
  last_error!: ProviderFailureDto | null;
  credentials!: ProviderCredentialsDto;
  cool_down!: ProviderCoolDownDto | null;
}

/** The targets that were used since the start. */
export class ProviderListDto {
  /** Always `list`. */
  object!: 'list';
  data!: ProviderTargetDto[];
}

/** Shows how a target does to administrators; credentials are only counted. */
export function toProviderTargetDto(target: TargetHealth): ProviderTargetDto {
  const { coolDown, lastError } = target;
  const isRefused = coolDown !== null && coolDown.reason !== 'rate-limited';
  return {
    provider: target.provider,
    model: target.model,
    state: target.breaker === 'closed' && !isRefused ? 'healthy' : 'sick',
    breaker: target.breaker,
    retry_after_ms: target.retryAfterMs,
    consecutive_failures: target.consecutiveFailures,
    last_error: lastError && { kind: lastError.kind, at: new Date(lastError.at).toISOString() },
    credentials: { total: target.credentials.total, usable: target.credentials.usable },
    cool_down: coolDown && { reason: coolDown.reason, retry_after_ms: coolDown.retryAfterMs },
  };
}
