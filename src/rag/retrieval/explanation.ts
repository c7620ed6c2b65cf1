import type { FusedHit, LegRanks } from './fuse-legs.js';
import type { FusionMethod } from './retrieval-options.js';

/** How a search went about it. */
export interface SearchExplanation {
  /** What the filter left; null without one. */
  readonly filtered: { readonly documents: number; readonly chunks: number } | null;
  /** How the dense leg looked; null when it did not. */
  readonly denseScan: 'exact' | 'hnsw' | null;
  readonly fusion: { readonly method: FusionMethod; readonly denseWeight: number } | null;
  /** Words that were searched for in place of those that nothing holds. */
  readonly similarTerms: readonly string[];
  /** How many chunks each leg brought. */
  readonly found: { readonly lexical: number; readonly dense: number };
  readonly timingsMs: Readonly<Record<string, number>>;
}

/** How a hit came to its place. */
export interface HitExplanation {
  readonly lexicalScore: number;
  readonly matchedTerms: readonly string[];
  readonly denseScore: number;
  readonly ranks: LegRanks;
  readonly fusedScore: number;
  /** Null where nothing was reranked. */
  readonly rerankScore: number | null;
}

/** Puts a hit's explanation together from how it was fused and what it has become. */
export function explainHit(
  fused: FusedHit,
  facts: { ranks: LegRanks; matchedTerms: ReadonlySet<string>; rerankScore: number | null },
): HitExplanation {
  return {
    lexicalScore: fused.lexical,
    matchedTerms: [...facts.matchedTerms].sort(),
    denseScore: fused.dense,
    ranks: facts.ranks,
    fusedScore: fused.score,
    rerankScore: facts.rerankScore,
  };
}
