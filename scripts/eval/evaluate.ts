import { type ApiClient, mapConcurrently } from '../support/api-client.js';
import { mean, ndcg, percentile, recall, reciprocalRank } from './metrics.js';
import type { BeirCollection, CorpusDocument, JudgedQuery } from './read-beir.js';

const INDEX_CONCURRENCY = 16;
const JOB_CONCURRENCY = 2;
const RESULTS = 100;

interface Found {
  results: { document_id: string }[];
}

/** What an evaluation of one mode measured. */
export interface Report {
  mode: string;
  ndcg10: number;
  recall100: number;
  mrr10: number;
  p50Ms: number;
  p95Ms: number;
}

/** Runs the queries one by one in one mode of search, over a collection that `indexAll` filled. */
export async function evaluate(
  api: ApiClient,
  data: BeirCollection,
  options: { collection: string; mode: string },
): Promise<Report> {
  const latencies: number[] = [];
  const scores: { ndcg: number; recall: number; rank: number }[] = [];
  for (const query of data.queries) {
    const { ranking, ms } = await search(api, query, data.documents, options);
    latencies.push(ms);
    scores.push({
      ndcg: ndcg(ranking, query.relevance),
      recall: recall(ranking, query.relevance),
      rank: reciprocalRank(ranking, query.relevance),
    });
  }
  return {
    mode: options.mode,
    ndcg10: mean(scores.map((score) => score.ndcg)),
    recall100: mean(scores.map((score) => score.recall)),
    mrr10: mean(scores.map((score) => score.rank)),
    p50Ms: percentile(latencies, 0.5),
    p95Ms: percentile(latencies, 0.95),
  };
}

/** Indexes documents through the API and waits until all of them can be searched; resolves to the seconds it took. */
export async function indexAll(
  api: ApiClient,
  documents: readonly CorpusDocument[],
  options: { collection: string; say: (line: string) => void },
): Promise<number> {
  const startedAt = performance.now();
  let sent = 0;
  const jobs = await mapConcurrently([...documents.entries()], INDEX_CONCURRENCY, async ([ordinal, document]) => {
    const request = toIndexRequest(document, ordinal, options.collection);
    const reply = await api.post<{ job_id: string | null }>('/v1/index', request);
    sent += 1;
    if (sent % 1_000 === 0) options.say(`sent ${String(sent)} of ${String(documents.length)}`);
    return reply.job_id;
  });
  const waiting = jobs.filter((job) => job !== null);
  await mapConcurrently(waiting, JOB_CONCURRENCY, (job) => api.waitForJob(job));
  return (performance.now() - startedAt) / 1_000;
}

// Very short texts carry their title along: the API wants ten characters.
function toIndexRequest(document: CorpusDocument, ordinal: number, collection: string): object {
  const content =
    document.text.trim().length >= 10 ? document.text : `${document.title}\n\n${document.text}`.padEnd(10, '.');
  return {
    content,
    collection,
    source: document.id,
    document_id: toDocumentId(ordinal, collection),
    ...(document.title !== '' && { title: document.title }),
  };
}

// A collection's own ids may be of any shape. Ours are unique in a project, so the collection's name keeps two evaluations
// on one server apart.
function toDocumentId(ordinal: number, collection: string): string {
  return `eval:${collection}:${String(ordinal)}`;
}

function toOrdinal(documentId: string): number {
  return Number(documentId.slice(documentId.lastIndexOf(':') + 1));
}

async function search(
  api: ApiClient,
  query: JudgedQuery,
  documents: readonly CorpusDocument[],
  options: { collection: string; mode: string },
): Promise<{ ranking: string[]; ms: number }> {
  const startedAt = performance.now();
  const found = await api.post<Found>('/v1/search', {
    query: query.text,
    collection: options.collection,
    mode: options.mode,
    max_results: RESULTS,
  });
  const ms = performance.now() - startedAt;
  const ids = found.results.map((result) => documents[toOrdinal(result.document_id)]?.id ?? '');
  return { ranking: [...new Set(ids)], ms };
}
