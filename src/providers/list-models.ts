import type { GatewayConfig, ProviderConfig } from '../config/gateway-config.js';
import type { CatalogEntry, TokenPrices } from './catalog/catalog-entry.js';
import { catalogModelOf, knownModelsOf } from './catalog/catalog-model.js';
import type { ModelCatalog } from './catalog/model-catalog.js';
import type { ModelInfo } from './model-info.js';

type Models = Pick<GatewayConfig, 'providers' | 'models' | 'prices'>;

/** Every model that has a name here: the aliases, then what each provider is known to serve, in file order. */
export function listModels(config: Models, catalog: Pick<ModelCatalog, 'find' | 'list'>): ModelInfo[] {
  const providers = new Map(config.providers.map((provider) => [provider.name, provider]));
  const describe = (provider: string, model: string): Description => {
    const known = providers.get(provider);
    const entry = known ? catalog.find(known.type, catalogModelOf(known, model)) : null;
    return toDescription(entry, model, priceOf(config, `${provider}/${model}`));
  };
  const aliases = config.models.map(({ name, targets }): ModelInfo => {
    const [first] = targets;
    return {
      id: name,
      ownedBy: 'trunkline',
      aliases: [],
      targets: targets.map(({ provider, model }) => `${provider}/${model}`),
      ...(first ? describe(first.provider, first.model) : toDescription(null, name, null)),
    };
  });
  const bareNames = new Set<string>();
  const own = config.providers.flatMap((provider) =>
    modelsOf(provider, config, catalog).map((model): ModelInfo => {
      const id = `${provider.name}/${model}`;
      const isBareNameFree = !bareNames.has(model) && isListed(provider, model, catalog);
      if (isBareNameFree) bareNames.add(model);
      const names = aliases.filter(({ targets }) => targets.includes(id)).map((alias) => alias.id);
      return {
        id,
        ownedBy: provider.name,
        aliases: isBareNameFree ? [model, ...names] : names,
        targets: [id],
        ...describe(provider.name, model),
      };
    }),
  );
  return [...aliases, ...own];
}

/** The same models at the prices of this moment: a new catalogue has new ones. */
export function atPresentPrices(
  models: readonly ModelInfo[],
  config: Models,
  catalog: Pick<ModelCatalog, 'find'>,
): ModelInfo[] {
  const providers = new Map(config.providers.map((provider) => [provider.name, provider]));
  return models.map((model) => {
    const [target = ''] = model.targets;
    const provider = providers.get(target.slice(0, target.indexOf('/')));
    if (!provider || priceOf(config, target)) return model;
    const name = catalogModelOf(provider, target.slice(target.indexOf('/') + 1));
    return { ...model, pricing: catalog.find(provider.type, name)?.prices ?? null };
  });
}

type Description = Pick<
  ModelInfo,
  'kind' | 'contextWindow' | 'maxOutputTokens' | 'dimensions' | 'capabilities' | 'pricing'
>;

function toDescription(entry: CatalogEntry | null, model: string, price: TokenPrices | null): Description {
  if (entry) {
    const { kind, contextWindow, maxOutputTokens, dimensions, capabilities, prices } = entry;
    return { kind, contextWindow, maxOutputTokens, dimensions, capabilities, pricing: price ?? prices };
  }
  const kind = /rerank/i.test(model) ? 'rerank' : /embed/i.test(model) ? 'embedding' : 'chat';
  return { kind, contextWindow: null, maxOutputTokens: null, dimensions: null, capabilities: null, pricing: price };
}

function modelsOf(provider: ProviderConfig, config: Models, catalog: Pick<ModelCatalog, 'list'>): string[] {
  const targets = config.models.flatMap((model) => model.targets).filter((target) => target.provider === provider.name);
  const catalogued = knownModelsOf(provider, catalog);
  return [...new Set([...provider.models, ...targets.map((target) => target.model), ...catalogued])];
}

function isListed(provider: ProviderConfig, model: string, catalog: Pick<ModelCatalog, 'list'>): boolean {
  return provider.models.includes(model) || knownModelsOf(provider, catalog).includes(model);
}

function priceOf(config: Models, id: string): TokenPrices | null {
  return Object.hasOwn(config.prices, id) ? (config.prices[id] ?? null) : null;
}
