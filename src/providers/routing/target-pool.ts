import type { ProviderConfig } from '../../config/gateway-config.js';
import type { Clock } from '../../core/clock.js';
import { setBounded } from '../../core/set-bounded.js';
import { catalogModelOf } from '../catalog/catalog-model.js';
import type { ModelCatalog } from '../catalog/model-catalog.js';
import type { ProviderAdapter } from '../provider-adapter.js';
import { createLimiter } from '../limits/provider-limiter.js';
import type { ProviderWatch } from '../provider-watch.js';
import { CircuitBreaker } from '../resilience/circuit-breaker.js';
import { CredentialPool } from '../resilience/credential-pool.js';
import { type Provider, Target } from '../resilience/target.js';
import type { ResolvedTarget } from './model-resolver.js';
import { TargetLoad } from './target-load.js';

/** Clients may name any model of a provider: beyond this many the one that was seen first is forgotten. */
const MAX_UNCONFIGURED_TARGETS = 500;

export interface TargetPoolOptions {
  readonly providers: readonly ProviderConfig[];
  readonly createAdapter: (config: ProviderConfig) => ProviderAdapter;
  readonly catalog: Pick<ModelCatalog, 'find'>;
  readonly clock: Clock;
  readonly watch: ProviderWatch;
  /** How many processes share the providers' limits. */
  readonly liveInstances: () => number;
}

/** Every target that was used so far, each with its breaker; the providers with their keys. */
export class TargetPool {
  readonly #options: TargetPoolOptions;
  readonly #providers: ReadonlyMap<string, Provider>;
  readonly #configured = new Map<string, Target>();
  readonly #others = new Map<string, Target>();

  constructor(options: TargetPoolOptions) {
    this.#options = options;
    this.#providers = new Map(options.providers.map((config) => [config.name, this.#createProvider(config)]));
  }

  /** The one target that stands for the model at its provider. */
  find(resolved: ResolvedTarget): Target {
    const targets = resolved.isConfigured ? this.#configured : this.#others;
    const key = `${resolved.provider.name}/${resolved.model}`;
    const known = targets.get(key);
    if (known) return known;
    const target = this.#createTarget(resolved);
    setBounded(targets, key, target, resolved.isConfigured ? Infinity : MAX_UNCONFIGURED_TARGETS);
    return target;
  }

  providers(): Provider[] {
    return [...this.#providers.values()];
  }

  list(): Target[] {
    return [...this.#configured.values(), ...this.#others.values()];
  }

  /** Closes the provider's breakers, ends its cool-downs and takes its credentials back into use. */
  reset(provider: string): void {
    this.#providers.get(provider)?.credentials.reset();
    for (const target of this.list()) {
      if (target.provider.config.name !== provider) continue;
      target.breaker.reset();
      target.consecutiveFailures = 0;
    }
  }

  #createProvider(config: ProviderConfig): Provider {
    const { clock, watch, createAdapter, liveInstances } = this.#options;
    const credentials = new CredentialPool(config.apiKeys, clock, (reason, credential, model) => {
      // Clients may name any number of models that a key may not use: those are no trouble of the operator's.
      const isConfigured = model === null || this.#configured.has(`${config.name}/${model}`);
      if (isConfigured) watch.credentialBlocked(config.name, reason, credential.id, model);
      else watch.telemetry.credentialBlocked({ provider: config.name, reason });
    });
    return {
      config,
      adapter: createAdapter(config),
      credentials,
      limiter: createLimiter(config, clock, liveInstances),
    };
  }

  #createTarget({ provider: config, model, isConfigured }: ResolvedTarget): Target {
    const { clock, watch, catalog } = this.#options;
    const provider = this.#providers.get(config.name);
    if (!provider) throw new Error(`The provider "${config.name}" is not configured.`);
    const breaker = new CircuitBreaker(config.breaker, clock, watch.breakerListener(config.name, model));
    return new Target({
      provider,
      model,
      isConfigured,
      breaker,
      alarm: watch.alarmListener(config.name, model),
      load: new TargetLoad(clock),
      catalogEntry: catalog.find(config.type, catalogModelOf(config, model)),
    });
  }
}
