import type { JsonObject } from '../../core/json.js';
import type { RerankResult } from '../../core/rerank/rerank-request.js';
import type { ParsedRerank } from './parse-rerank-request.js';

/** The answer in the shape of Cohere's v2: the best first, equals in the order of their documents. */
export function renderRerank(
  { request, topN, returnsDocuments }: ParsedRerank,
  { scores, usage, model }: RerankResult,
  id: string,
): JsonObject {
  const results = scores
    .map((score, index) => ({ index, score }))
    .sort((left, right) => right.score - left.score || left.index - right.index)
    .slice(0, topN)
    .map(({ index, score }): JsonObject => ({
      index,
      relevance_score: score,
      ...(returnsDocuments && { document: { text: request.documents[index] ?? '' } }),
    }));
  const searches = usage.units?.search;
  return {
    id,
    model,
    results,
    meta: {
      api_version: { version: '2' },
      billed_units: searches === undefined ? { input_tokens: usage.input } : { search_units: searches },
    },
  };
}
