import type { PriceConfig, ProviderType } from '../../config/gateway-config.js';
import type { CatalogEntry, TokenPrices, UnitPrices } from '../../providers/catalog/catalog-entry.js';

/** Everything that is known about what a model costs. */
export interface PriceTable {
  /** All zero where only units are billed. */
  readonly prices: TokenPrices;
  /** False where only units are billed, and tokens without them have no known price. */
  readonly billsTokens: boolean;
  /** Ascending. */
  readonly tiers: CatalogEntry['tiers'];
  readonly units: UnitPrices;
  /** The part of the price that the vendor's own batches save, from 0 to 1. */
  readonly batchDiscount: number;
  readonly serviceTiers: Readonly<Record<string, TokenPrices>>;
  /** Whether the vendor's prompt cache is written only where the request marks it. */
  readonly cachesOnMarks: boolean;
  readonly origin: 'configuration' | 'catalog' | 'local';
}

/** What the vendors take off for batches; nobody else is known to. */
const BATCH_DISCOUNTS: Partial<Record<ProviderType, number>> = {
  openai: 0.5,
  anthropic: 0.5,
  'azure-openai': 0.5,
  gemini: 0.5,
  vertex: 0.5,
};

const NO_PRICES: TokenPrices = { input: 0, output: 0 };
const MILLION = 1_000_000;

/** The table of a model whose price stands in the configuration: its words alone count, whatever the catalogue says. */
export function configuredTable(type: ProviderType, price: PriceConfig): PriceTable {
  // A price for a million searches may stand where others have that of tokens.
  const isBySearch = type === 'cohere';
  return {
    prices: isBySearch ? NO_PRICES : price,
    billsTokens: !isBySearch,
    tiers: price.tiers ?? [],
    units: isBySearch ? { search: price.input / MILLION, ...price.units } : (price.units ?? {}),
    batchDiscount: price.batchDiscount ?? 0,
    serviceTiers: {},
    cachesOnMarks: type === 'anthropic',
    origin: 'configuration',
  };
}

/** The table of a model of the catalogue; null where that knows no price. */
export function catalogTable(type: ProviderType, entry: CatalogEntry | null): PriceTable | null {
  if (!entry || (entry.prices === null && entry.units === undefined)) return null;
  return {
    prices: entry.prices ?? NO_PRICES,
    billsTokens: entry.prices !== null,
    tiers: entry.tiers,
    units: entry.units ?? {},
    batchDiscount: entry.batchDiscount ?? BATCH_DISCOUNTS[type] ?? 0,
    serviceTiers: entry.serviceTiers ?? {},
    cachesOnMarks: type === 'anthropic',
    origin: 'catalog',
  };
}

/** What runs in this process costs nothing. */
export const LOCAL_TABLE: PriceTable = {
  prices: NO_PRICES,
  billsTokens: true,
  tiers: [],
  units: { image: 0, audioInputSecond: 0, audioOutputSecond: 0, character: 0 },
  batchDiscount: 0,
  serviceTiers: {},
  cachesOnMarks: true,
  origin: 'local',
};

/** The prices of a request with that much input: those of the highest tier it is above. */
export function pricesAt({ prices, tiers }: Pick<PriceTable, 'prices' | 'tiers'>, inputTokens: number): TokenPrices {
  const tier = tiers.findLast(({ aboveInputTokens }) => inputTokens > aboveInputTokens);
  return tier ? completed(tier.prices, prices) : prices;
}

const PARENTS: readonly (readonly [keyof TokenPrices, 'input' | 'output'])[] = [
  ['cachedInput', 'input'],
  ['cacheWrite5m', 'input'],
  ['cacheWrite1h', 'input'],
  ['imageInput', 'input'],
  ['audioInput', 'input'],
  ['reasoning', 'output'],
  ['audioOutput', 'output'],
  ['imageOutput', 'output'],
];

// A tier may leave out a class that is dearer than its parent: it grows as the parent does, or it would be undercharged.
function completed(tier: TokenPrices, base: TokenPrices): TokenPrices {
  const prices = { ...tier };
  for (const [name, parent] of PARENTS) {
    const known = base[name];
    if (prices[name] !== undefined || known === undefined || known <= base[parent]) continue;
    prices[name] = base[parent] === 0 ? known : (known * tier[parent]) / base[parent];
  }
  return prices;
}
