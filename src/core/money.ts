/** Digits behind the point of an amount of money; the ledger's columns have as many. */
export const MONEY_DIGITS = 10;

/** Nothing, as money is written: a decimal string in USD with ten places. */
export const NO_MONEY = '0.0000000000';

/** A decimal number times 10^`digits`, exactly; digits beyond are cut off. Takes what `String` makes of a number. */
export function toScaled(decimal: string, digits: number): bigint {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(decimal);
  if (!match) throw new Error(`"${decimal}" is not a decimal number.`);
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const shift = digits - fraction.length + Number(exponent);
  const mantissa = BigInt(whole + fraction);
  const scaled = shift >= 0 ? mantissa * 10n ** BigInt(shift) : mantissa / 10n ** BigInt(-shift);
  return sign === '-' ? -scaled : scaled;
}

/** Money from a number of 10^-`digits` USD (at least ten digits, never negative), rounded half up to ten places. */
export function toMoney(scaled: bigint, digits: number): string {
  const unit = 10n ** BigInt(digits - MONEY_DIGITS);
  const text = ((scaled + unit / 2n) / unit).toString().padStart(MONEY_DIGITS + 1, '0');
  return `${text.slice(0, -MONEY_DIGITS)}.${text.slice(-MONEY_DIGITS)}`;
}

/** The sum of two amounts, exactly. */
export function addMoney(left: string, right: string): string {
  return toMoney(toScaled(left, MONEY_DIGITS) + toScaled(right, MONEY_DIGITS), MONEY_DIGITS);
}

/** What is left of an amount, exactly; nothing when more was taken. */
export function subtractMoney(from: string, taken: string): string {
  const rest = toScaled(from, MONEY_DIGITS) - toScaled(taken, MONEY_DIGITS);
  return toMoney(rest < 0n ? 0n : rest, MONEY_DIGITS);
}
