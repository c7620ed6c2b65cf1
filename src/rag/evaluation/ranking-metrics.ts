/** Relevance of the documents of one query, by id; a grade of 0 is none. */
export type Relevance = ReadonlyMap<string, number>;

/** How good one ranking is, each 0..1. */
export interface RankingScores {
  /** Normalised discounted cumulative gain of the first ten, with the linear gain of trec_eval, which BEIR reports. */
  ndcg10: number;
  /** Share of the relevant documents among the first hundred. */
  recall100: number;
  /** One over the place of the first relevant document among the first ten; 0 when there is none. */
  mrr10: number;
}

const RANKED = 10;
const RECALLED = 100;

/** Measures a ranking of ids, best first, each id once. */
export function scoreRanking(ranking: readonly string[], relevance: Relevance): RankingScores {
  return {
    ndcg10: ndcg(ranking.slice(0, RANKED), relevance),
    recall100: recall(ranking.slice(0, RECALLED), relevance),
    mrr10: reciprocalRank(ranking.slice(0, RANKED), relevance),
  };
}

/** The mean of each score over all queries; zeros when there are none. */
export function meanScores(scores: readonly RankingScores[]): RankingScores {
  return {
    ndcg10: mean(scores.map((score) => score.ndcg10)),
    recall100: mean(scores.map((score) => score.recall100)),
    mrr10: mean(scores.map((score) => score.mrr10)),
  };
}

/** The arithmetic mean; 0 of nothing. */
export function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The smallest of the values that at least a share (0..1) of them do not exceed; 0 of nothing. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

function ndcg(ranking: readonly string[], relevance: Relevance): number {
  const best = [...relevance.values()].filter((grade) => grade > 0).sort((left, right) => right - left);
  const ideal = discountedGain(best.slice(0, RANKED));
  return ideal === 0 ? 0 : discountedGain(ranking.map((id) => relevance.get(id) ?? 0)) / ideal;
}

function discountedGain(grades: readonly number[]): number {
  return grades.reduce((sum, grade, place) => sum + Math.max(0, grade) / Math.log2(place + 2), 0);
}

function recall(ranking: readonly string[], relevance: Relevance): number {
  const relevant = [...relevance].filter(([, grade]) => grade > 0).map(([id]) => id);
  if (relevant.length === 0) return 0;
  const found = new Set(ranking);
  return relevant.filter((id) => found.has(id)).length / relevant.length;
}

function reciprocalRank(ranking: readonly string[], relevance: Relevance): number {
  const place = ranking.findIndex((id) => (relevance.get(id) ?? 0) > 0);
  return place < 0 ? 0 : 1 / (place + 1);
}
