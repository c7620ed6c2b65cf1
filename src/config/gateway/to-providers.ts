import type {
  AzureConfig,
  BreakerConfig,
  ProviderConfig,
  ProviderLimitsConfig,
  ProviderQueueConfig,
  ProviderType,
  VertexConfig,
} from '../gateway-config.js';
import type { ProviderEntry } from './models-file.js';

export const DEFAULT_BREAKER: BreakerConfig = {
  failureRatio: 0.5,
  minRequests: 10,
  windowMs: 30_000,
  openMs: 15_000,
  probes: 1,
};

/** Enough for a burst, and short enough that nobody waits past the patience of a person. */
export const DEFAULT_QUEUE: ProviderQueueConfig = { size: 100, waitMs: 10_000 };

const NO_LIMITS: ProviderLimitsConfig = { requestsPerMinute: null, tokensPerMinute: null, concurrency: null };

/** What the environment says about the vendors that it can name. */
export interface VendorVariables {
  readonly OPENAI_API_KEY: string | null;
  readonly OPENAI_BASE_URL: string | null;
  readonly ANTHROPIC_API_KEY: string | null;
  readonly ANTHROPIC_BASE_URL: string | null;
}

/** A provider of the models file with its defaults. */
export function toProvider(name: string, entry: ProviderEntry): ProviderConfig {
  const breaker = entry.breaker ?? {};
  return {
    ...plainProvider(name, entry.type, entry.base_url ?? null, entry.api_keys ?? []),
    models: entry.models ?? [],
    headers: entry.headers ?? {},
    finishReasonOptional: entry.finish_reason_optional ?? false,
    limits: toLimits(entry.limits ?? {}),
    queue: { size: entry.queue?.size ?? DEFAULT_QUEUE.size, waitMs: entry.queue?.wait_ms ?? DEFAULT_QUEUE.waitMs },
    azure: entry.type === 'azure-openai' ? toAzure(entry) : null,
    vertex: entry.type === 'vertex' ? toVertex(entry) : null,
    breaker: {
      failureRatio: breaker.failure_ratio ?? DEFAULT_BREAKER.failureRatio,
      minRequests: breaker.min_requests ?? DEFAULT_BREAKER.minRequests,
      windowMs: breaker.window_ms ?? DEFAULT_BREAKER.windowMs,
      openMs: breaker.open_ms ?? DEFAULT_BREAKER.openMs,
      probes: breaker.probes ?? DEFAULT_BREAKER.probes,
    },
  };
}

/** The vendors whose keys stand in the environment, under their own names. */
export function environmentProviders(variables: VendorVariables): ProviderConfig[] {
  const { OPENAI_API_KEY, OPENAI_BASE_URL, ANTHROPIC_API_KEY, ANTHROPIC_BASE_URL } = variables;
  const providers: ProviderConfig[] = [];
  if (OPENAI_API_KEY !== null) providers.push(plainProvider('openai', 'openai', OPENAI_BASE_URL, [OPENAI_API_KEY]));
  if (ANTHROPIC_API_KEY !== null) {
    providers.push(plainProvider('anthropic', 'anthropic', ANTHROPIC_BASE_URL, [ANTHROPIC_API_KEY]));
  }
  return providers;
}

/** The built-in provider, which needs no key. */
export function localProvider(): ProviderConfig {
  return plainProvider('local', 'local', null, []);
}

const KEYED_TYPES: ReadonlySet<ProviderType> = new Set(['openai', 'anthropic', 'azure-openai', 'gemini']);

/** Whether the provider can be asked at all: a vendor without a key cannot. */
export function isActive(provider: ProviderConfig): boolean {
  return !KEYED_TYPES.has(provider.type) || provider.apiKeys.length > 0;
}

function plainProvider(
  name: string,
  type: ProviderType,
  baseUrl: string | null,
  apiKeys: readonly string[],
): ProviderConfig {
  return {
    name,
    type,
    baseUrl: baseUrl === null ? null : baseUrl.replace(/\/+$/, ''),
    apiKeys: [...new Set(apiKeys.filter((key) => key !== ''))],
    models: [],
    headers: {},
    breaker: DEFAULT_BREAKER,
    finishReasonOptional: false,
    limits: NO_LIMITS,
    queue: DEFAULT_QUEUE,
    azure: type === 'azure-openai' ? { apiVersion: null, deployments: {} } : null,
    vertex: null,
  };
}

function toLimits(entry: NonNullable<ProviderEntry['limits']>): ProviderLimitsConfig {
  return {
    requestsPerMinute: entry.requests_per_minute ?? null,
    tokensPerMinute: entry.tokens_per_minute ?? null,
    concurrency: entry.concurrency ?? null,
  };
}

function toAzure(entry: ProviderEntry): AzureConfig {
  return { apiVersion: entry.api_version ?? null, deployments: entry.deployments ?? {} };
}

// The schema demands a project and a location for this type.
function toVertex(entry: ProviderEntry): VertexConfig {
  return {
    project: entry.project ?? '',
    location: entry.location ?? '',
    credentialsFile: entry.credentials_file ?? null,
  };
}
