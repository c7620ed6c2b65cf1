import type { TokenUsage } from '../../core/chat/token-usage.js';
import type { TokenPrices, UnitPrices } from '../../providers/catalog/catalog-entry.js';
import { toMoney, toScaled } from '../../core/money.js';

type TokenClass = Exclude<keyof TokenUsage, 'estimated'>;

/** How much was used of what is not billed by tokens; whole numbers that are not negative. */
export type UnitCounts = Partial<Record<keyof UnitPrices, number>>;

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
  units?: UnitCounts;
  unitPrices?: UnitPrices;
}

/**
 * What the tokens (and units) cost, in USD with ten places, rounded once. Every class is a whole number that is not
 * negative. A unit without a price is a mistake of the caller: it throws.
 */
export function costOf(usage: TokenUsage, prices: TokenPrices, extras: BillExtras = {}): string {
  let amount = 0n;
  for (const name of CLASSES) {
    const tokens = usage[name];
    if (tokens !== 0) amount += BigInt(tokens) * scaledPrice(prices, name);
  }
  if (extras.units) amount += unitAmount(extras.units, extras.unitPrices ?? {});
  const { discount = 0 } = extras;
  const factor = discount === 0 ? WHOLE : WHOLE - toScaled(String(discount), FACTOR_DIGITS);
  return toMoney(amount * factor, AMOUNT_DIGITS);
}

/** Whether everything that was used has a price. */
export function hasUnitPrices(units: UnitCounts, unitPrices: UnitPrices): boolean {
  return entriesOf(units).every(([name]) => unitPrices[name] !== undefined);
}

function scaledPrice(prices: TokenPrices, name: TokenClass): bigint {
  let scaled = scaledPrices.get(prices);
  if (!scaled) {
    scaled = {};
    scaledPrices.set(prices, scaled);
  }
  return (scaled[name] ??= toScaled(String(prices[name] ?? prices[PARENTS[name]]), PRICE_DIGITS));
}

function unitAmount(units: UnitCounts, unitPrices: UnitPrices): bigint {
  return entriesOf(units).reduce((sum, [name, count]) => {
    const price = unitPrices[name];
    if (price === undefined) throw new Error(`There is no price for the unit "${name}".`);
    return sum + BigInt(count) * toScaled(String(price), PRICE_DIGITS) * ONE_TOKEN_PRICE;
  }, 0n);
}

function entriesOf(units: UnitCounts): [keyof UnitPrices, number][] {
  return (Object.entries(units) as [keyof UnitPrices, number | undefined][]).flatMap(([name, count]) =>
    count === undefined || count === 0 ? [] : [[name, count]],
  );
}
