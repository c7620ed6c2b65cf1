/**
 * The chance that a positive scores higher than a negative, ties counting half (the area under the ROC curve, by the
 * Mann-Whitney statistic); 0.5 when either is empty.
 */
export function areaUnderCurve(positives: readonly number[], negatives: readonly number[]): number {
  if (positives.length === 0 || negatives.length === 0) return 0.5;
  const scored = [
    ...positives.map((score) => ({ score, isPositive: true })),
    ...negatives.map((score) => ({ score, isPositive: false })),
  ].sort((left, right) => left.score - right.score);
  let rankSum = 0;
  for (let from = 0; from < scored.length;) {
    let to = from;
    while (to < scored.length && scored[to]?.score === scored[from]?.score) to += 1;
    const tied = scored.slice(from, to).filter((entry) => entry.isPositive).length;
    // Ranks count from 1; what is tied shares the middle one.
    rankSum += (tied * (from + 1 + to)) / 2;
    from = to;
  }
  const wins = rankSum - (positives.length * (positives.length + 1)) / 2;
  return wins / (positives.length * negatives.length);
}
