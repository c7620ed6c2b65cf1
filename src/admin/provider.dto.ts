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

/** One credential that may not be used for a model at present. */
export class CredentialCoolDownDto {
  /** A hash that tells credentials apart without giving them away; null where there is no key. */
  credential!: string | null;
  /**
   * `rate-limited` is over by itself; the others are probed then.
   * @example "rate-limited"
   */
  reason!: 'rate-limited' | 'permission' | 'authentication' | 'quota-exhausted';
  /** Whether it holds for every model of the provider. */
  everywhere!: boolean;
  /** Milliseconds until it may be tried again. */
  retry_after_ms!: number;
}

/** How fast a target answered over the last minutes: milliseconds from dispatch to the first content, null before any. */
export class ProviderLatencyDto {
  p50_ms!: number | null;
  p95_ms!: number | null;
  p99_ms!: number | null;
  /** A moving average that jumps to peaks at once and forgets them slowly. */
  ewma_ms!: number | null;
}

/** How full the provider's own limits are, for all of its models together. */
export class ProviderLimitsDto {
  /** Requests under way. */
  in_use!: number;
  /** Requests that wait. */
  queued!: number;
  queue_size!: number;
  /** Requests that were turned away since the start. */
  refused!: number;
  /** The share of this process; the models file has the limit of all. */
  requests_per_minute!: number | null;
  /** The share of this process. */
  tokens_per_minute!: number | null;
  /** The share of this process. */
  concurrency!: number | null;
}

/** One provider's model, and how it does. */
export class ProviderTargetDto {
  provider!: string;
  /** The provider's own name of the model. */
  model!: string;
  /**
   * `healthy`; `degraded` while it answers, though worse than it should; `paused` while it rests because the provider asked
   * for it; `sick` while requests are kept away from it, or only probe it.
   */
  state!: 'healthy' | 'degraded' | 'paused' | 'sick';
  /** State of the circuit breaker. */
  breaker!: 'closed' | 'open' | 'half-open';
  /** Milliseconds until the breaker lets a request pass; 0 when it does. How long a pause lasts is in `cool_down`. */
  retry_after_ms!: number;
  /** Requests under way. */
  in_flight!: number;
  latency!: ProviderLatencyDto;
  /** Requests of the last minutes that have ended. */
  requests!: number;
  /** Share of them that failed by the target's own fault, from 0 to 1. */
  error_rate!: number;
  consecutive_failures!: number;
  last_error!: ProviderFailureDto | null;
  /** The newest first, at most ten. */
  last_errors!: ProviderFailureDto[];
  credentials!: ProviderCredentialsDto;
  /** Why no credential can be used; null when one can. */
  cool_down!: ProviderCoolDownDto | null;
  /** Every credential that may not be used here at present. */
  cool_downs!: CredentialCoolDownDto[];
  /** Null when the provider has no limits. */
  limits!: ProviderLimitsDto | null;
}

/** The targets that the models file and the standard aliases name, and any other that was used since the start. */
export class ProviderListDto {
  /** Always `list`. */
  object!: 'list';
  data!: ProviderTargetDto[];
}

/** Shows how a target does to administrators; of credentials only their hashes. */
export function toProviderTargetDto(target: TargetHealth): ProviderTargetDto {
  const { coolDown, load, lastError } = target;
  return {
    provider: target.provider,
    model: target.model,
    state: target.state,
    breaker: target.breaker,
    retry_after_ms: Math.ceil(target.retryAfterMs),
    in_flight: load.inFlight,
    latency: {
      p50_ms: rounded(load.p50Ms),
      p95_ms: rounded(load.p95Ms),
      p99_ms: rounded(load.p99Ms),
      ewma_ms: rounded(load.ewmaMs),
    },
    requests: load.requests,
    error_rate: rounded(load.errorRate),
    consecutive_failures: target.consecutiveFailures,
    last_error: lastError && toFailureDto(lastError),
    last_errors: target.lastErrors.map(toFailureDto),
    credentials: { total: target.credentials.total, usable: target.credentials.usable },
    cool_down: coolDown && { reason: coolDown.reason, retry_after_ms: Math.ceil(coolDown.retryAfterMs) },
    cool_downs: target.coolDowns.map((block) => ({
      credential: block.credential,
      reason: block.reason,
      everywhere: block.isEverywhere,
      retry_after_ms: Math.ceil(block.retryAfterMs),
    })),
    limits: target.limits && toLimitsDto(target.limits),
  };
}

/** To hundredths: what is behind them is noise. */
function rounded<T extends number | null>(value: T): T {
  return (value === null ? null : Math.round(value * 100) / 100) as T;
}

function toFailureDto({ kind, at }: TargetHealth['lastErrors'][number]): ProviderFailureDto {
  return { kind, at: new Date(at).toISOString() };
}

function toLimitsDto(limits: NonNullable<TargetHealth['limits']>): ProviderLimitsDto {
  return {
    in_use: limits.inUse,
    queued: limits.queued,
    queue_size: limits.queueSize,
    refused: limits.refused,
    requests_per_minute: limits.requestsPerMinute,
    tokens_per_minute: limits.tokensPerMinute,
    concurrency: limits.concurrency,
  };
}
