/** Relevance of the documents of one query, by id. */
export type Relevance = ReadonlyMap<string, number>;

/** Normalised discounted cumulative gain of the first `depth` results, with the exponential gain that BEIR uses. */
export function ndcg(ranking: readonly string[], relevance: Relevance, depth = 10): number {
  const gain = (grade: number, place: number): number => (2 ** grade - 1) / Math.log2(place + 2);
  const reached = ranking.slice(0, depth).reduce((sum, id, place) => sum + gain(relevance.get(id) ?? 0, place), 0);
  const best = [...relevance.values()].sort((left, right) => right - left).slice(0, depth);
  const ideal = best.reduce((sum, grade, place) => sum + gain(grade, place), 0);
  return ideal === 0 ? 0 : reached / ideal;
}

/** Share of the relevant documents among the first `depth` results. */
export function recall(ranking: readonly string[], relevance: Relevance, depth = 100): number {
  const relevant = [...relevance].filter(([, grade]) => grade > 0).map(([id]) => id);
  if (relevant.length === 0) return 0;
  const found = new Set(ranking.slice(0, depth));
  return relevant.filter((id) => found.has(id)).length / relevant.length;
}

/** One over the place of the first relevant result among the first `depth`; 0 when there is none. */
export function reciprocalRank(ranking: readonly string[], relevance: Relevance, depth = 10): number {
  const place = ranking.slice(0, depth).findIndex((id) => (relevance.get(id) ?? 0) > 0);
  return place < 0 ? 0 : 1 / (place + 1);
}

export function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The value that a share of the values does not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
