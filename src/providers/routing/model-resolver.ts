import type {
  ContinuationConfig,
  GatewayConfig,
  HedgeConfig,
  ProviderConfig,
  Routing,
  TargetConfig,
  TargetTier,
  TimeoutConfig,
} from '../../config/gateway-config.js';
import { AppError } from '../../core/errors/app-error.js';
import { knownModelsOf } from '../catalog/catalog-model.js';
import type { ModelCatalog } from '../catalog/model-catalog.js';

const NO_OVERRIDES: Readonly<Partial<TimeoutConfig>> = {};
const MAX_NAME_LENGTH = 256;
// Letters, marks, digits, punctuation and symbols; no spaces, controls, or halves of a character.
const READABLE_NAME = /^[\p{L}\p{M}\p{N}\p{P}\p{S}]+$/u;

export interface ResolvedTarget {
  readonly provider: ProviderConfig;
  readonly model: string;
  /** True when the models file names it; false when the client did, by the catalogue or on its own account. */
  readonly isConfigured: boolean;
  readonly weight: number;
  readonly tier: TargetTier | null;
}

export interface ResolvedRoute {
  readonly name: string;
  /** True when it is an entry of the models file: then every resolution gives this very object. */
  readonly isAlias: boolean;
  readonly targets: readonly ResolvedTarget[];
  readonly routing: Routing;
  /** Where requests go that are too long for a target's context window. */
  readonly contextFallback: readonly ResolvedTarget[];
  /** What the model's entry in the file overrides. */
  readonly timeouts: Readonly<Partial<TimeoutConfig>>;
  /** Null sends no request twice. */
  readonly hedge: HedgeConfig | null;
  /** Null ends a stream that breaks after content with an error. */
  readonly continuation: ContinuationConfig | null;
}

/**
 * Turns names into targets: an alias; `provider/model`, split at the first slash, also for models that nobody listed; or a
 * bare name, which belongs to the first provider in file order that lists it. Names are case-sensitive.
 */
export class ModelResolver {
  readonly #providers: ReadonlyMap<string, ProviderConfig>;
  readonly #aliases: ReadonlyMap<string, ResolvedRoute>;
  readonly #bareNames = new Map<string, ProviderConfig>();
  readonly #configured = new Set<string>();

  constructor(config: Pick<GatewayConfig, 'providers' | 'models'>, catalog: Pick<ModelCatalog, 'list'>) {
    this.#providers = new Map(config.providers.map((provider) => [provider.name, provider]));
    for (const provider of config.providers) this.#list(provider, catalog);
    for (const { targets, contextFallback } of config.models) {
      for (const target of [...targets, ...contextFallback]) {
        this.#configured.add(keyOf(target.provider, target.model));
      }
    }
    this.#aliases = new Map(
      config.models.map(({ name, targets, routing, contextFallback, timeouts, hedge, continuation }) => [
        name,
        {
          name,
          isAlias: true,
          targets: targets.map((target) => this.#aliasTarget(target, name)),
          routing,
          contextFallback: contextFallback.map((target) => this.#aliasTarget(target, name)),
          timeouts,
          hedge,
          continuation,
        },
      ]),
    );
  }

  /** Throws `model_not_found`. */
  resolve(name: string): ResolvedRoute {
    const alias = this.#aliases.get(name);
    if (alias) return alias;
    const target = isSane(name) ? this.#targetOf(name) : null;
    if (!target) throw modelNotFound(name);
    return {
      name,
      isAlias: false,
      targets: [target],
      routing: 'priority',
      contextFallback: [],
      timeouts: NO_OVERRIDES,
      hedge: null,
      continuation: null,
    };
  }

  #targetOf(name: string): ResolvedTarget | null {
    const slash = name.indexOf('/');
    const provider = slash < 0 ? this.#bareNames.get(name) : this.#providers.get(name.slice(0, slash));
    const model = name.slice(slash + 1);
    return provider && model !== '' ? this.#target(provider, model) : null;
  }

  #target(provider: ProviderConfig, model: string, weight = 1, tier: TargetTier | null = null): ResolvedTarget {
    return { provider, model, isConfigured: this.#configured.has(keyOf(provider.name, model)), weight, tier };
  }

  #aliasTarget({ provider: name, model, weight, tier }: TargetConfig, alias: string): ResolvedTarget {
    const provider = this.#providers.get(name);
    if (!provider) throw new Error(`The model "${alias}" names the unknown provider "${name}".`);
    return this.#target(provider, model, weight, tier);
  }

  #list(provider: ProviderConfig, catalog: Pick<ModelCatalog, 'list'>): void {
    for (const model of provider.models) this.#configured.add(keyOf(provider.name, model));
    for (const model of [...provider.models, ...knownModelsOf(provider, catalog)]) {
      if (!this.#bareNames.has(model)) this.#bareNames.set(model, provider);
    }
  }
}

function keyOf(provider: string, model: string): string {
  return `${provider}/${model}`;
}

function isSane(name: string): boolean {
  return name.length <= MAX_NAME_LENGTH && READABLE_NAME.test(name);
}

function modelNotFound(name: string): AppError {
  const shown = isSane(name) ? `The model "${name}" does not exist here.` : 'There is no model of that name.';
  return new AppError('model_not_found', `${shown} GET /v1/models lists those that do.`, { param: 'model' });
}
