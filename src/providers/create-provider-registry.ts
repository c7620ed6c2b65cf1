import type { GatewayConfig, ProviderConfig } from '../config/gateway-config.js';
import type { Clock } from '../core/clock.js';
import type { ModelCatalog } from './catalog/model-catalog.js';
import { listModels } from './list-models.js';
import type { ProviderAdapter } from './provider-adapter.js';
import { ProviderRegistry } from './provider-registry.js';
import type { ProviderWatch } from './provider-watch.js';
import { AttemptPlanner } from './resilience/attempt-planner.js';
import type { RetryBudget } from './resilience/retry-budget.js';
import { RetryPolicy } from './resilience/retry-policy.js';
import { ModelResolver } from './routing/model-resolver.js';
import { TargetPool } from './routing/target-pool.js';

export interface RegistryServices {
  readonly config: Pick<GatewayConfig, 'providers' | 'models' | 'prices'>;
  readonly catalog: Pick<ModelCatalog, 'find' | 'list'>;
  readonly clock: Clock;
  readonly watch: ProviderWatch;
  readonly createAdapter: (config: ProviderConfig) => ProviderAdapter;
  /** Numbers from 0 up to 1 for the jitter of waits. */
  readonly random?: () => number;
  readonly budget?: RetryBudget;
}

/** Puts the registry together, so that the health of every target of the models file is known from the start. */
export function createProviderRegistry(services: RegistryServices): ProviderRegistry {
  const { config, catalog, clock, watch, createAdapter, random, budget } = services;
  const { telemetry } = watch;
  const resolver = new ModelResolver(config, catalog);
  const pool = new TargetPool({ providers: config.providers, createAdapter, catalog, clock, watch });
  for (const { name } of config.models) {
    for (const target of resolver.resolve(name).targets) pool.find(target);
  }
  const planner = new AttemptPlanner(clock, telemetry, new RetryPolicy(random), budget);
  return new ProviderRegistry({ resolver, pool, planner, telemetry, models: listModels(config, catalog) });
}
