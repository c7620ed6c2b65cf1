import { Injectable } from '@nestjs/common';
import { GatewayConfig, type PriceConfig, type ProviderConfig } from '../../config/gateway-config.js';
import { totalInputTokens, totalOutputTokens, type TokenUsage, type UnitCounts } from '../../core/chat/token-usage.js';
import type { TokenPrices } from '../../providers/catalog/catalog-entry.js';
import { catalogModelOf } from '../../providers/catalog/catalog-model.js';
import { ModelCatalog } from '../../providers/catalog/model-catalog.js';
import { costOf, hasPricedUnit } from './cost-of.js';
import { dearestPrice } from './dearest-price.js';
import { type PriceDemand, plainDemand } from './price-demand.js';
import { catalogTable, configuredTable, LOCAL_TABLE, pricesAt, type PriceTable } from './price-table.js';

/** On what terms something was used; without them at once, and at the standard price. */
export interface BillingTerms {
  /** In a batch of the vendor's own. */
  isBatch?: boolean;
  /** The vendor's service tier; null for the standard one. */
  serviceTier?: string | null;
  /** Which images were made, as `QUALITY SIZE`; null when there were none, or nobody knows. */
  imageVariant?: string | null;
}

// Cheaper than the standard one: where its price is not known, the standard price is not too little.
const CHEAPER_TIERS: ReadonlySet<string> = new Set(['flex']);

/** What every target costs: the configured prices first, then the catalogue's; what runs here costs nothing. */
@Injectable()
export class PriceBook {
  readonly #providers: ReadonlyMap<string, ProviderConfig>;
  /** By the name of their target; there are as many as the configuration has prices. */
  readonly #configured = new Map<string, PriceTable>();
  /** Whether requests are refused that could reach a model without a price. */
  readonly refusesUnpriced: boolean;

  constructor(
    private readonly gateway: GatewayConfig,
    private readonly catalog: ModelCatalog,
  ) {
    this.#providers = new Map(gateway.providers.map((config) => [config.name, config]));
    this.refusesUnpriced = gateway.unpricedModels === 'refuse';
  }

  /** Whether tokens of the model have a price. */
  isPriced(provider: string, model: string): boolean {
    return this.tableOf(provider, model)?.billsTokens === true;
  }

  /**
   * USD with ten places; null when nobody knows the price of the model or of its service tier, or when neither the tokens
   * nor any unit of what was used has one. A long input is dearer for the whole request.
   */
  costOf(provider: string, model: string, usage: TokenUsage, terms: BillingTerms = {}): string | null {
    const table = this.tableOf(provider, model);
    const prices = table && pricesFor(table, usage, terms.serviceTier ?? null);
    if (!table || !prices || !isBillable(table, usage)) return null;
    return costOf(usage, prices, {
      discount: terms.isBatch ? table.batchDiscount : 0,
      unitPrices: table.units,
      imageVariant: terms.imageVariant ?? null,
    });
  }

  /**
   * The most that a token of the prompt and of the answer may cost, in USD per million, at the dearest class and context
   * tier that the request may reach; null when the model has no price.
   */
  dearestPriceOf(provider: string, model: string, demand: PriceDemand = plainDemand(Infinity)): TokenPrices | null {
    const table = this.tableOf(provider, model);
    return table?.billsTokens === true ? dearestPrice(table, demand) : null;
  }

  /** Everything that is known about the model's price; null when that is nothing. */
  tableOf(provider: string, model: string): PriceTable | null {
    const config = this.#providers.get(provider);
    const name = `${provider}/${model}`;
    const configured = Object.hasOwn(this.gateway.prices, name) ? this.gateway.prices[name] : undefined;
    if (config === undefined) return null;
    if (configured) return this.#configuredTableOf(name, config.type, configured);
    if (config.type === 'local') return LOCAL_TABLE;
    return catalogTable(config.type, this.catalog.find(config.type, catalogModelOf(config, model)));
  }

  #configuredTableOf(name: string, type: ProviderConfig['type'], prices: PriceConfig): PriceTable {
    let table = this.#configured.get(name);
    if (!table) {
      table = configuredTable(type, prices);
      this.#configured.set(name, table);
    }
    return table;
  }
}

// Units that were counted beside tokens are billed in them, where they have no price of their own.
function isBillable(table: PriceTable, usage: TokenUsage): boolean {
  const tokens = totalInputTokens(usage) + totalOutputTokens(usage);
  if (table.billsTokens && (tokens > 0 || !usage.units)) return true;
  return usage.units
    ? hasPricedUnit(usage.units, table.units) || (tokens === 0 && isNothing(usage.units))
    : tokens === 0;
}

function isNothing(units: UnitCounts): boolean {
  return Object.values(units).every((count: number) => count === 0);
}

function pricesFor(table: PriceTable, usage: TokenUsage, serviceTier: string | null): TokenPrices | null {
  const standard = pricesAt(table, totalInputTokens(usage));
  if (serviceTier === null) return standard;
  if (Object.hasOwn(table.serviceTiers, serviceTier)) return table.serviceTiers[serviceTier] ?? null;
  return CHEAPER_TIERS.has(serviceTier) ? standard : null;
}
