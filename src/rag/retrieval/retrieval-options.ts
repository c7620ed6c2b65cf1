import type { Filter } from './filter/filter.js';

/** How a search looks: by words, by vectors, or by both. */
export const SEARCH_MODES = ['hybrid', 'dense', 'lexical'] as const;
export type SearchMode = (typeof SEARCH_MODES)[number];

/** How the two legs are joined: by their scores, or by their ranks (reciprocal rank fusion). */
export const FUSION_METHODS = ['scores', 'rrf'] as const;
export type FusionMethod = (typeof FUSION_METHODS)[number];

/** How the legs are joined; what is missing is as measured for the collection's embedding model. */
export interface FusionSettings {
  readonly method?: FusionMethod;
  /** What the dense leg counts, 0..1; the lexical one counts the rest. */
  readonly denseWeight?: number;
  /** Of reciprocal rank fusion: how little the first ranks stand out. */
  readonly rankConstant?: number;
}

/** Judging the best candidates anew by a model that reads query and chunk together. */
export interface RerankSettings {
  /** Model name; missing for the configured default. */
  readonly model?: string;
  /** How many of the best candidates it judges. */
  readonly candidates?: number;
}

/** What is wanted of a retrieval. */
export interface RetrievalOptions {
  /** How many chunks at most. */
  readonly limit: number;
  readonly mode: SearchMode;
  /** Whether the share of the query that the documents hold is measured. */
  readonly withCoverage: boolean;
  readonly filter?: Filter | null;
  readonly fusion?: FusionSettings | null;
  readonly rerank?: RerankSettings | null;
  /** Maximal marginal relevance: what relevance counts against being different from what is chosen already, 0..1. */
  readonly mmr?: { readonly lambda: number } | null;
  /** How many chunks before and after each hit come along. */
  readonly neighbours?: number;
  /** How many chunks of one document at most. */
  readonly maxPerDocument?: number | null;
  /** Whether the result says how it came about. */
  readonly explain?: boolean;
}
