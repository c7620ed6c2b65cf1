/** A chunk with its score in each leg; a leg that knows nothing of it says 0. */
export interface LegScores {
  chunkId: string;
  lexical: number;
  dense: number;
}

/** A chunk after fusion, score between 0 and 1. */
export interface FusedHit extends LegScores {
  score: number;
}

export interface FusionOptions {
  /** What the dense leg counts, 0..1; the lexical one counts the rest. */
  denseWeight: number;
  /** Whether the dense scores are measured from their lowest value instead of from 0. */
  isDenseRelative: boolean;
}

/**
 * Joins the two legs: `(1 - w) * lexical + w * dense`, each scaled so that its best score is 1. Every hit carries both
 * scores, also where it was only among the best of one leg. Equal scores are ordered by id, so that the same search
 * always gives the same order.
 */
export function fuseLegs(hits: readonly LegScores[], options: FusionOptions): FusedHit[] {
  const scaleLexical = scaler(
    hits.map((hit) => hit.lexical),
    0,
  );
  const dense = hits.map((hit) => hit.dense);
  const scaleDense = scaler(dense, options.isDenseRelative ? Math.min(...dense) : 0);
  return hits
    .map((hit) => ({
      ...hit,
      score: (1 - options.denseWeight) * scaleLexical(hit.lexical) + options.denseWeight * scaleDense(hit.dense),
    }))
    .sort(byScore);
}

/** A chunk's place in each leg, from 1; null where the leg did not bring it. */
export interface LegRanks {
  readonly lexical: number | null;
  readonly dense: number | null;
}

/**
 * Joins the two legs by their ranks: the sum of `weight / (k + rank)` over the legs that brought a hit (Cormack, Clarke and
 * Büttcher, 2009), scaled so that the first of both legs has 1. Equal scores are ordered by id.
 */
export function fuseRanks(
  hits: readonly LegScores[],
  ranksOf: (chunkId: string) => LegRanks,
  options: { denseWeight: number; rankConstant: number },
): FusedHit[] {
  const { denseWeight, rankConstant } = options;
  const share = (rank: number | null): number => (rank === null ? 0 : (rankConstant + 1) / (rankConstant + rank));
  return hits
    .map((hit) => {
      const ranks = ranksOf(hit.chunkId);
      return { ...hit, score: (1 - denseWeight) * share(ranks.lexical) + denseWeight * share(ranks.dense) };
    })
    .sort(byScore);
}

function byScore(left: FusedHit, right: FusedHit): number {
  return right.score - left.score || (left.chunkId < right.chunkId ? -1 : 1);
}

function scaler(scores: readonly number[], floor: number): (score: number) => number {
  const range = Math.max(...scores) - floor;
  return (score) => (range > 0 ? Math.max(0, (score - floor) / range) : 0);
}
