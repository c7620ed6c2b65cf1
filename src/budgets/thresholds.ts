/** The shares of a budget, in percent, that are announced when they are spent, each once in a window. */
export const THRESHOLD_PERCENTS = [50, 80, 95, 100] as const;

/** SQL: the highest of the thresholds that what is spent in `period` has reached of `budget`, 0 when none. */
export const PERCENT_REACHED = `case
  when period.spent_usd = 0 then 0
  ${THRESHOLD_PERCENTS.toReversed()
    .map((percent) => `when period.spent_usd * 100 >= budget.amount_usd * ${String(percent)} then ${String(percent)}`)
    .join('\n  ')}
  else 0
end`;

/** The highest of the thresholds that `spent` has reached of `amount`, in the same unit; 0 when none. */
export function percentReached(spent: bigint, amount: bigint): number {
  if (spent === 0n) return 0;
  return THRESHOLD_PERCENTS.findLast((percent) => spent * 100n >= amount * BigInt(percent)) ?? 0;
}
