import { meanScores, percentile, scoreRanking, type RankingScores } from '../../src/rag/evaluation/ranking-metrics.js';
import type { ApiClient } from '../support/api-client.js';
import { documentOf, type IndexedCollection } from './index-documents.js';
import type { JudgedQuery } from './test-collection.js';

/** What one mode of search measured over all queries. */
export interface RankingReport extends RankingScores {
  mode: string;
  p50Ms: number;
  p95Ms: number;
}

const RESULTS = 100;

/** Runs the queries one by one in one mode of search. */
export async function measureRanking(
  api: ApiClient,
  collection: IndexedCollection,
  queries: readonly JudgedQuery[],
  mode: string,
): Promise<RankingReport> {
  const times: number[] = [];
  const scores: RankingScores[] = [];
  for (const query of queries) {
    const startedAt = performance.now();
    const { results } = await api.post<{ results: { document_id: string }[] }>('/v1/search', {
      query: query.text,
      collection: collection.name,
      mode,
      max_results: RESULTS,
    });
    times.push(performance.now() - startedAt);
    const ranking = new Set(results.map((result) => documentOf(collection, result.document_id)?.id ?? ''));
    scores.push(scoreRanking([...ranking], query.relevance));
  }
  return { mode, ...meanScores(scores), p50Ms: percentile(times, 0.5), p95Ms: percentile(times, 0.95) };
}
