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
    .sort((left, right) => right.score - left.score || (left.chunkId < right.chunkId ? -1 : 1));
}

function scaler(scores: readonly number[], floor: number): (score: number) => number {
  const range = Math.max(...scores) - floor;
  return (score) => (range > 0 ? Math.max(0, (score - floor) / range) : 0);
}
