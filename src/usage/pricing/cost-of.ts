import type { TokenUsage } from '../../core/chat/token-usage.js';
import type { TokenPrices } from '../../providers/catalog/catalog-entry.js';
import { toMoney, toScaled } from './money.js';

type TokenClass = Exclude<keyof TokenUsage, 'estimated'>;

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

// Prices are kept to 10^-12 USD per million tokens, so an amount is a number of 10^-18 USD.
const PRICE_DIGITS = 12;
const AMOUNT_DIGITS = PRICE_DIGITS + 6;

/** What the tokens cost, in USD with ten places. Every class is a whole number that is not negative. */
export function costOf(usage: TokenUsage, prices: TokenPrices): string {
  let amount = 0n;
  for (const [name, parent] of Object.entries(PARENTS) as [TokenClass, 'input' | 'output'][]) {
    const tokens = usage[name];
    if (tokens !== 0) amount += BigInt(tokens) * toScaled(String(prices[name] ?? prices[parent]), PRICE_DIGITS);
  }
  return toMoney(amount, AMOUNT_DIGITS);
}
