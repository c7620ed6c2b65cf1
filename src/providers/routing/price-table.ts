import type { PriceConfig } from '../../config/gateway-config.js';
import type { CatalogEntry, TokenPrices } from '../catalog/catalog-entry.js';
import type { Target } from '../resilience/target.js';

/** What a model's tokens cost: up to the first tier, and beyond each. */
export interface PriceTable {
  readonly prices: TokenPrices;
  readonly tiers: CatalogEntry['tiers'];
}

const FREE: PriceTable = { prices: { input: 0, output: 0 }, tiers: [] };

/** What a target costs: the configured price, else the catalogue's; what runs here is free. Null when nobody knows. */
export function priceTableOf({ provider, catalogEntry }: Target, configured?: PriceConfig): PriceTable | null {
  if (configured) return { prices: configured, tiers: configured.tiers ?? [] };
  if (provider.config.type === 'local') return FREE;
  return catalogEntry?.prices ? { prices: catalogEntry.prices, tiers: catalogEntry.tiers } : null;
}

/** Millionths of a USD for that many tokens; a long prompt may be dearer by the token. Null without a price. */
export function costOfTokens(table: PriceTable | null, inputTokens: number, outputTokens: number): number | null {
  if (!table) return null;
  const prices = table.tiers.findLast((tier) => inputTokens > tier.aboveInputTokens)?.prices ?? table.prices;
  return prices.input * inputTokens + prices.output * outputTokens;
}
