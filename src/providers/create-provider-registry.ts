import type { GatewayConfig, ProviderConfig } from '../config/gateway-config.js';
import { ConfigurationError } from '../config/configuration-error.js';
import type { Clock } from '../core/clock.js';
import { checkContextFallbacks } from './catalog/check-context-fallbacks.js';
import type { ModelCatalog } from './catalog/model-catalog.js';
import { atPresentPrices, listModels } from './list-models.js';
import type { ModelInfo } from './model-info.js';
import type { ProviderAdapter } from './provider-adapter.js';
import { ProviderRegistry } from './provider-registry.js';
import type { ProviderWatch } from './provider-watch.js';
import { AttemptPlanner } from './resilience/attempt-planner.js';
import type { RetryBudget } from './resilience/retry-budget.js';
import { RetryPolicy } from './resilience/retry-policy.js';
import { ModelResolver } from './routing/model-resolver.js';
import { RouteTable } from './routing/route-table.js';
import { TargetPool } from './routing/target-pool.js';

export interface RegistryServices {
  readonly config: Pick<GatewayConfig, 'providers' | 'models' | 'prices'>;
  readonly catalog: Pick<ModelCatalog, 'find' | 'list'>;
  readonly clock: Clock;
  readonly watch: ProviderWatch;
  readonly createAdapter: (config: ProviderConfig) => ProviderAdapter;
  /** Numbers from 0 up to 1 for the jitter of waits and for the draws of routing. */
  readonly random?: () => number;
  readonly budget?: RetryBudget;
  /** How many processes share the providers' limits; one when not given. */
  readonly liveInstances?: () => number;
}

/**
 * Puts the registry together, so that the health of every target of the models file is known from the start. Throws
 * ConfigurationError when the file says what the catalogue knows to be impossible.
 */
export function createProviderRegistry(services: RegistryServices): ProviderRegistry {
  const { config, catalog, clock, watch, createAdapter, random, budget, liveInstances = onlyOne } = services;
  const { telemetry } = watch;
  const problems = checkContextFallbacks(config, catalog);
  if (problems.length > 0) throw new ConfigurationError(problems);
  const resolver = new ModelResolver(config, catalog);
  const pool = new TargetPool({ providers: config.providers, createAdapter, catalog, clock, watch, liveInstances });
  for (const { name } of config.models) {
    const { targets, contextFallback } = resolver.resolve(name);
    for (const target of [...targets, ...contextFallback]) pool.find(target);
  }
  const routes = new RouteTable({ resolver, pool, prices: config.prices, clock, random: random ?? Math.random });
  const planner = new AttemptPlanner(clock, telemetry, new RetryPolicy(random), budget);
  const listed = listModels(config, catalog);
  const models = (): ModelInfo[] => atPresentPrices(listed, config, catalog);
  return new ProviderRegistry({ resolver, routes, pool, planner, telemetry, clock, models });
}

function onlyOne(): number {
  return 1;
}
