/** The middle, the least and the most of some numbers; numbers that are not known are left out. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((left, right) => left - right);
  const middle = (sorted.length - 1) / 2;
  const low = sorted[Math.floor(middle)] ?? NaN;
  const high = sorted[Math.ceil(middle)] ?? NaN;
  return { median: (low + high) / 2, min: sorted[0] ?? NaN, max: sorted.at(-1) ?? NaN };
}

/** A number with as many digits as mean something; `-` when it is not known. */
export function shown(value: number, digits: number): string {
  if (!Number.isFinite(value)) return '-';
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** `median (min-max)`; the median alone when there was one trial. */
export function shownSpread({ median, min, max }: Spread, digits: number): string {
  if (min === max || !Number.isFinite(median)) return shown(median, digits);
  return `${shown(median, digits)} (${shown(min, digits)}-${shown(max, digits)})`;
}
