import { parseFilter } from './filter/parse-filter.js';
import type { RetrievalOptions } from './retrieval-options.js';
import type { SearchRequestDto } from './search.dto.js';

const DEFAULT_RESULTS = 10;
const DEFAULT_LAMBDA = 0.7;

/** What searches and questions can both ask for. Throws `invalid_value` for a filter that cannot be understood. */
export function toRestrictions({
  filter,
  rerank,
}: Pick<SearchRequestDto, 'filter' | 'rerank'>): Pick<RetrievalOptions, 'filter' | 'rerank'> {
  return {
    filter: filter ? parseFilter(filter) : null,
    rerank: rerank ? { model: rerank.model, candidates: rerank.candidates } : null,
  };
}

/** What a search asks for. Throws `invalid_value` for a filter that cannot be understood. */
export function toRetrievalOptions(body: Omit<SearchRequestDto, 'query' | 'collection'>): RetrievalOptions {
  const { fusion, mmr } = body;
  return {
    ...toRestrictions(body),
    limit: body.max_results ?? DEFAULT_RESULTS,
    mode: body.mode ?? 'hybrid',
    withCoverage: false,
    fusion: fusion ? { method: fusion.method, denseWeight: fusion.dense_weight, rankConstant: fusion.k } : null,
    mmr: mmr ? { lambda: mmr.lambda ?? DEFAULT_LAMBDA } : null,
    neighbours: body.neighbours ?? 0,
    maxPerDocument: body.max_per_document ?? null,
    explain: body.explain ?? false,
  };
}
