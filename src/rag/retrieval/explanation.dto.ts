/** How a result came to its place. */
export class HitExplanationDto {
  /** BM25 of the query's words in the chunk, its title and headings; 0 when it holds none. */
  lexical_score!: number;
  /** The words of the query that it holds, as they are indexed. */
  matched_terms!: string[];
  /** Cosine similarity of query and chunk, -1 to 1; 0 where it was not compared. */
  dense_score!: number;
  /** Place among the best of the lexical leg, from 1; null when it was not among them. */
  lexical_rank!: number | null;
  /** Place among the best of the dense leg, from 1; null when it was not among them. */
  dense_rank!: number | null;
  /** Score of both legs together, 0 to 1. */
  fused_score!: number;
  /** Score that the rerank model gave, 0 to 1; null when nothing was reranked. */
  rerank_score!: number | null;
}

/** What a filter left to search. */
export class FilterCountsDto {
  /** Documents that pass it. */
  documents!: number;
  /** Their chunks. */
  chunks!: number;
}

/** How the legs were joined. */
export class FusionUsedDto {
  /** `scores` or `rrf`. */
  method!: 'scores' | 'rrf';
  /** What the dense leg counted. */
  dense_weight!: number;
}

/** How a search went about it. */
export class SearchExplanationDto {
  /** What the filter left; null without one. */
  filter!: FilterCountsDto | null;
  /** How many chunks the lexical leg brought. */
  lexical_hits!: number;
  /** How many chunks the dense leg brought. */
  dense_hits!: number;
  /** `exact` when all vectors were compared, `hnsw` when an index found the nearest; null when no vectors were searched. */
  dense_scan!: 'exact' | 'hnsw' | null;
  /** How the legs were joined; null when there was one leg only. */
  fusion!: FusionUsedDto | null;
  /** Words of the collection that stood in for the query's, of which it holds none. */
  similar_terms!: string[];
  /** Milliseconds by stage, and `total`. Stages that run at once overlap. */
  timings_ms!: Record<string, number>;
}
