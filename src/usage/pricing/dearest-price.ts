import type { TokenPrices } from '../../providers/catalog/catalog-entry.js';
import type { PriceDemand } from './price-demand.js';
import { pricesAt, type PriceTable } from './price-table.js';

// The provider may count a prompt to more tokens than we do, though not to twice as many.
const COUNTING_MARGIN = 2;

/** The most that a token of the prompt and one of the answer may cost: an upper bound for what the request will be billed. */
export function dearestPrice(table: PriceTable, demand: PriceDemand): TokenPrices {
  const reachable = [
    pricesAt(table, demand.inputTokens),
    pricesAt(table, demand.inputTokens * COUNTING_MARGIN),
    ...tierPrices(table, demand.serviceTier),
  ];
  return {
    input: Math.max(...reachable.flatMap((prices) => inputPrices(prices, table, demand))),
    output: Math.max(...reachable.flatMap((prices) => outputPrices(prices, demand))),
  };
}

function tierPrices({ serviceTiers }: PriceTable, tier: string | null): TokenPrices[] {
  const prices = tier !== null && Object.hasOwn(serviceTiers, tier) ? serviceTiers[tier] : undefined;
  return prices ? [prices] : [];
}

function inputPrices(prices: TokenPrices, table: PriceTable, demand: PriceDemand): number[] {
  const { input, cachedInput = input, cacheWrite5m = input, cacheWrite1h = input } = prices;
  return [
    input,
    cachedInput,
    ...(demand.marksCache || !table.cachesOnMarks ? [cacheWrite5m, cacheWrite1h] : []),
    ...(demand.hasImages ? [prices.imageInput ?? input] : []),
    ...(demand.hasAudio ? [prices.audioInput ?? input] : []),
  ];
}

function outputPrices(
  { output, reasoning = output, audioOutput = output }: TokenPrices,
  demand: PriceDemand,
): number[] {
  return [output, reasoning, ...(demand.wantsAudio ? [audioOutput] : [])];
}
