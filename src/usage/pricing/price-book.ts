import { Injectable } from '@nestjs/common';
import { GatewayConfig, type ProviderConfig } from '../../config/gateway-config.js';
import { totalInputTokens, type TokenUsage } from '../../core/chat/token-usage.js';
import type { CatalogEntry, TokenPrices } from '../../providers/catalog/catalog-entry.js';
import { catalogModelOf } from '../../providers/catalog/catalog-model.js';
import { ModelCatalog } from '../../providers/catalog/model-catalog.js';
import { costOf } from './cost-of.js';

type PriceTable = Pick<CatalogEntry, 'prices' | 'tiers'>;

const FREE: PriceTable = { prices: { input: 0, output: 0 }, tiers: [] };

/** What every target costs: the configured prices first, then the catalogue's; what runs here costs nothing. */
@Injectable()
export class PriceBook {
  readonly #providers: ReadonlyMap<string, ProviderConfig>;
  /** Whether requests are refused that could reach a model without a price. */
  readonly refusesUnpriced: boolean;

  constructor(
    private readonly gateway: GatewayConfig,
    private readonly catalog: ModelCatalog,
  ) {
    this.#providers = new Map(gateway.providers.map((config) => [config.name, config]));
    this.refusesUnpriced = gateway.unpricedModels === 'refuse';
  }

  isPriced(provider: string, model: string): boolean {
    return this.#find(provider, model) !== null;
  }

  /** USD with ten places; null when nobody knows the model's price. A long input is dearer for the whole request. */
  costOf(provider: string, model: string, usage: TokenUsage): string | null {
    const table = this.#find(provider, model);
    const prices = table && pricesAt(table, totalInputTokens(usage));
    return prices && costOf(usage, prices);
  }

  #find(provider: string, model: string): PriceTable | null {
    const name = `${provider}/${model}`;
    const configured = Object.hasOwn(this.gateway.prices, name) ? this.gateway.prices[name] : undefined;
    if (configured) return { prices: configured, tiers: [] };
    const config = this.#providers.get(provider);
    if (config === undefined) return null;
    if (config.type === 'local') return FREE;
    const entry = this.catalog.find(config.type, catalogModelOf(config, model));
    return entry?.prices ? entry : null;
  }
}

function pricesAt(table: PriceTable, inputTokens: number): TokenPrices | null {
  return table.tiers.findLast((tier) => inputTokens > tier.aboveInputTokens)?.prices ?? table.prices;
}
