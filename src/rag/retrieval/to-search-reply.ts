import type { RetrievedChunk } from '../store/load-chunks.js';
import type { HitExplanation, SearchExplanation } from './explanation.js';
import type { HitExplanationDto, SearchExplanationDto } from './explanation.dto.js';
import type { Retrieval } from './retrieval.service.js';
import type { NeighbourDto, SearchReplyDto, SearchResultDto } from './search.dto.js';
import { toSearchResult } from './to-search-result.js';

/** A retrieval as clients see it. */
export function toSearchReply(retrieval: Retrieval, warnings: readonly string[]): SearchReplyDto {
  const reply: SearchReplyDto = { results: retrieval.hits.map((hit) => toResult(hit, retrieval)) };
  if (warnings.length > 0) reply.warnings = [...new Set(warnings)];
  if (retrieval.explanation) reply.explain = toSearchExplanation(retrieval.explanation.search);
  return reply;
}

function toResult(hit: RetrievedChunk, { neighbours, explanation }: Retrieval): SearchResultDto {
  const result = toSearchResult(hit);
  const beside = neighbours.get(hit.id);
  const explained = explanation?.hits.get(hit.id);
  if (beside) result.neighbours = beside.map(toNeighbour);
  if (explained) result.explain = toHitExplanation(explained);
  return result;
}

function toNeighbour({ id, text, start, end, page }: NeighbourDto): NeighbourDto {
  return { id, text, start, end, page };
}

function toHitExplanation(hit: HitExplanation): HitExplanationDto {
  return {
    lexical_score: round(hit.lexicalScore),
    matched_terms: [...hit.matchedTerms],
    dense_score: round(hit.denseScore),
    lexical_rank: hit.ranks.lexical,
    dense_rank: hit.ranks.dense,
    fused_score: round(hit.fusedScore),
    rerank_score: hit.rerankScore === null ? null : round(hit.rerankScore),
  };
}

function toSearchExplanation(search: SearchExplanation): SearchExplanationDto {
  return {
    filter: search.filtered,
    lexical_hits: search.found.lexical,
    dense_hits: search.found.dense,
    dense_scan: search.denseScan,
    fusion: search.fusion && { method: search.fusion.method, dense_weight: search.fusion.denseWeight },
    similar_terms: [...search.similarTerms],
    timings_ms: search.timingsMs,
  };
}

function round(score: number): number {
  return Math.round(score * 1e6) / 1e6;
}
