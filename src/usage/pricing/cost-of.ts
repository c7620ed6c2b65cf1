import type { TokenUsage, UnitCounts } from '../../core/chat/token-usage.js';
import type { TokenPrices, UnitPrices } from '../../providers/catalog/catalog-entry.js';
import { toMoney, toScaled } from '../../core/money.js';

type TokenClass = Exclude<keyof TokenUsage, 'estimated' | 'units'>;

/** What a token of a class costs when the class has no price of its own. */
const PARENTS: Record<TokenClass, 'input' | 'output'> = {
  input: 'input',
  cachedInput: 'input',
  cacheWrite5m: 'input',
  cacheWrite1h: 'input',
  imageInput: 'input',
  audioInput: 'input',
  output: 'output',
  reasoning: 'output',
  audioOutput: 'output',
  imageOutput: 'output',
};

// Prices are kept to 10^-12 USD per million tokens or per unit, discounts to 10^-6: an amount is a number of 10^-24 USD.
const PRICE_DIGITS = 12;
const TOKEN_DIGITS = 6;
const FACTOR_DIGITS = 6;
const AMOUNT_DIGITS = PRICE_DIGITS + TOKEN_DIGITS + FACTOR_DIGITS;
const ONE_TOKEN_PRICE = 10n ** BigInt(TOKEN_DIGITS);

const WHOLE = 10n ** BigInt(FACTOR_DIGITS);
const CLASSES = Object.keys(PARENTS) as TokenClass[];
/** A table of prices lasts, and is reckoned with at every request. */
const scaledPrices = new WeakMap<TokenPrices, Partial<Record<TokenClass, bigint>>>();

/** What is billed besides tokens, and at what part of the price. */
export interface BillExtras {
  /** The part of the price that is taken off, from 0 to 1. */
  discount?: number;
  /** Of the units that were used; those without a price add nothing. */
  unitPrices?: UnitPrices;
  /** Which image was made, as `QUALITY SIZE`. */
  imageVariant?: string | null;
}

/**
 * What the tokens, and the units that have a price, cost: USD with ten places, rounded once. Every count is a whole number
 * that is not negative.
 */
export function costOf(usage: TokenUsage, prices: TokenPrices, extras: BillExtras = {}): string {
  let amount = 0n;
  for (const name of CLASSES) {
    const tokens = usage[name] ?? 0;
    if (tokens !== 0) amount += BigInt(tokens) * scaledPrice(prices, name);
  }
  if (usage.units && extras.unitPrices)
    amount += unitAmount(usage.units, extras.unitPrices, extras.imageVariant ?? null);
  const { discount = 0 } = extras;
  const factor = discount === 0 ? WHOLE : WHOLE - toScaled(String(discount), FACTOR_DIGITS);
  return toMoney(amount * factor, AMOUNT_DIGITS);
}

/** Whether something that was used is billed by the unit. */
export function hasPricedUnit(units: UnitCounts, unitPrices: UnitPrices): boolean {
  return entriesOf(units).some(([name]) => priceOfUnit(name, unitPrices, null) !== undefined);
}

function scaledPrice(prices: TokenPrices, name: TokenClass): bigint {
  let scaled = scaledPrices.get(prices);
  if (!scaled) {
    scaled = {};
    scaledPrices.set(prices, scaled);
  }
  return (scaled[name] ??= toScaled(String(prices[name] ?? prices[PARENTS[name]]), PRICE_DIGITS));
}

function unitAmount(units: UnitCounts, unitPrices: UnitPrices, imageVariant: string | null): bigint {
  return entriesOf(units).reduce((sum, [name, count]) => {
    const price = priceOfUnit(name, unitPrices, imageVariant) ?? 0;
    return sum + BigInt(count) * toScaled(String(price), PRICE_DIGITS) * ONE_TOKEN_PRICE;
  }, 0n);
}

// An image of which nobody knows how it was made is taken for the dearest.
function priceOfUnit(name: keyof UnitCounts, prices: UnitPrices, imageVariant: string | null): number | undefined {
  if (name !== 'image' || !prices.images) return prices[name];
  const { image, images } = prices;
  const size = imageVariant?.replace(/^\S* /, '');
  const known = [imageVariant, size].find((key) => typeof key === 'string' && Object.hasOwn(images, key));
  return known ? images[known] : (image ?? Math.max(...Object.values(images)));
}

function entriesOf(units: UnitCounts): [keyof UnitCounts, number][] {
  return (Object.entries(units) as [keyof UnitCounts, number][]).filter(([, count]) => count > 0);
}
