import type { BreakerConfig, ProviderConfig, ProviderType } from '../gateway-config.js';
import type { ProviderEntry } from './models-file.js';

export const DEFAULT_BREAKER: BreakerConfig = {
  failureRatio: 0.5,
  minRequests: 10,
  windowMs: 30_000,
  openMs: 15_000,
  probes: 1,
};

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

/** Whether the provider can be asked at all: a vendor without a key cannot. */
export function isActive(provider: ProviderConfig): boolean {
  const needsKey = provider.type === 'openai' || provider.type === 'anthropic';
  return !needsKey || provider.apiKeys.length > 0;
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
  };
}
