import { resolve } from 'node:path';
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

/** A provider of the models file with its defaults; files that it names are relative to `directory`. */
export function toProvider(name: string, entry: ProviderEntry, directory: string): ProviderConfig {
  return {
    ...plainProvider(name, entry.type, entry.base_url ?? null, entry.api_keys ?? []),
    models: [...new Set([...(entry.models ?? []), ...Object.keys(entry.deployments ?? {})])],
    headers: entry.headers ?? {},
    finishReasonOptional: entry.finish_reason_optional ?? false,
    apis: entry.apis,
    structuredOutput: entry.structured_output,
    traceContext: entry.trace_context,
    limits: toLimits(entry.limits ?? {}),
    queue: toQueue(entry.queue ?? {}),
    azure: entry.type === 'azure-openai' ? toAzure(entry) : null,
    vertex: entry.type === 'vertex' ? toVertex(entry, directory) : null,
    breaker: toBreaker(entry.breaker ?? {}),
  };
}

/** The built-in provider, which needs no key. */
export function localProvider(): ProviderConfig {
  return plainProvider('local', 'local', null, []);
}

const KEYED_TYPES: ReadonlySet<ProviderType> = new Set(['openai', 'anthropic', 'azure-openai', 'gemini']);

const RERANK_TYPES: ReadonlySet<ProviderType> = new Set(['cohere', 'jina', 'voyage']);

/** Whether the provider can be asked at all: a vendor without a key cannot, a server of one's own that speaks its protocol may. */
export function isActive(provider: ProviderConfig): boolean {
  if (RERANK_TYPES.has(provider.type)) return provider.apiKeys.length > 0 || provider.baseUrl !== null;
  return !KEYED_TYPES.has(provider.type) || provider.apiKeys.length > 0;
}

/** A provider with nothing but the defaults besides its name, its type, its place and its keys. */
export function plainProvider(
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

function toBreaker(entry: NonNullable<ProviderEntry['breaker']>): BreakerConfig {
  return {
    failureRatio: entry.failure_ratio ?? DEFAULT_BREAKER.failureRatio,
    minRequests: entry.min_requests ?? DEFAULT_BREAKER.minRequests,
    windowMs: entry.window_ms ?? DEFAULT_BREAKER.windowMs,
    openMs: entry.open_ms ?? DEFAULT_BREAKER.openMs,
    probes: entry.probes ?? DEFAULT_BREAKER.probes,
  };
}

function toQueue(entry: NonNullable<ProviderEntry['queue']>): ProviderQueueConfig {
  return { size: entry.size ?? DEFAULT_QUEUE.size, waitMs: entry.wait_ms ?? DEFAULT_QUEUE.waitMs };
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
function toVertex(entry: ProviderEntry, directory: string): VertexConfig {
  return {
    project: entry.project ?? '',
    location: entry.location ?? '',
    credentialsFile: entry.credentials_file === undefined ? null : resolve(directory, entry.credentials_file),
  };
}
