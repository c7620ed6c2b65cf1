import { mean } from '../../src/rag/evaluation/ranking-metrics.js';
import type { ApiClient } from '../support/api-client.js';
import { documentOf, type IndexedCollection } from './index-documents.js';
import { scoreSpans, type SpanScores } from './span-coverage.js';
import type { SpanQuestion } from './test-collection.js';

/** How much of the right passages the first chunks of one mode of search hold. */
export interface PassageReport extends SpanScores {
  mode: string;
  /** Mean size of the chunks that were found, in characters. */
  characters: number;
}

/** The part of a result that says where it is from. */
interface FoundSpan {
  document_id: string;
  start: number;
  end: number;
}

/** How many chunks may hold the passages. */
export const PASSAGE_RESULTS = 5;

/** Asks every question in one mode of search. */
export async function measurePassages(
  api: ApiClient,
  collection: IndexedCollection,
  questions: readonly SpanQuestion[],
  mode: string,
): Promise<PassageReport> {
  const scores: SpanScores[] = [];
  const sizes: number[] = [];
  for (const question of questions) {
    const { results } = await api.post<{ results: FoundSpan[] }>('/v1/search', {
      query: question.text,
      collection: collection.name,
      mode,
      max_results: PASSAGE_RESULTS,
    });
    sizes.push(...results.map((result) => result.end - result.start));
    scores.push(scoreSpans(question.spans, toSpans(collection, results)));
  }
  return {
    mode,
    recall: mean(scores.map((score) => score.recall)),
    iou: mean(scores.map((score) => score.iou)),
    characters: Math.round(mean(sizes)),
  };
}

/** Results of the API as spans of the test collection's documents. */
export function toSpans(
  collection: IndexedCollection,
  results: readonly FoundSpan[],
): { document: string; start: number; end: number }[] {
  return results.map(({ document_id: id, start, end }) => ({
    document: documentOf(collection, id)?.id ?? '',
    start,
    end,
  }));
}
