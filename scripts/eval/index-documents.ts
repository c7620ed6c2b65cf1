import { type ApiClient, ApiError, mapConcurrently } from '../support/api-client.js';
import type { CorpusDocument } from './test-collection.js';

/** A collection on the server, filled with documents whose places say which they are. */
export interface IndexedCollection {
  name: string;
  documents: readonly CorpusDocument[];
  /** From the first request until every document could be searched. */
  seconds: number;
}

interface DocumentPage {
  data: { id: string; status: 'ready' | 'pending' | 'failed' }[];
  has_more: boolean;
  last_id: string | null;
}

const CONCURRENCY = 16;
const MIN_CHARACTERS = 10;

/**
 * Makes a collection, indexes documents through the API and waits until all of them can be searched. Throws when one fails.
 */
export async function indexDocuments(
  api: ApiClient,
  documents: readonly CorpusDocument[],
  options: { name: string; model?: string; say?: (line: string) => void },
): Promise<IndexedCollection> {
  const { name, model, say } = options;
  await api.post('/v1/collections', { name, ...(model !== undefined && { embedding_model: model }) });
  const startedAt = performance.now();
  let sent = 0;
  const jobs = await mapConcurrently([...documents.entries()], CONCURRENCY, async ([ordinal, document]) => {
    const reply = await api.post<{ job_id: string | null }>('/v1/index', toIndexRequest(document, ordinal, name));
    sent += 1;
    if (sent % 1_000 === 0) say?.(`sent ${String(sent)} of ${String(documents.length)}`);
    return reply.job_id;
  });
  // Jobs run in about the order in which they came: the last ones tell when a look at all documents is worth it.
  for (const job of jobs.slice(-CONCURRENCY)) if (job !== null) await api.waitForJob(job);
  await untilReady(api, name, documents.length);
  return { name, documents, seconds: (performance.now() - startedAt) / 1_000 };
}

/** The document that a result of the API is from; undefined when it is none of the collection's. */
export function documentOf(collection: IndexedCollection, documentId: string): CorpusDocument | undefined {
  return collection.documents[Number(documentId.slice(documentId.lastIndexOf(':') + 1))];
}

// A test collection's own ids may be of any shape. Ours are unique in a project, so the collection's name is in them.
function toIndexRequest(document: CorpusDocument, ordinal: number, collection: string): object {
  return {
    // The API wants some characters. What is added stands at the end, where it moves no offset.
    content:
      document.text.trim().length >= MIN_CHARACTERS
        ? document.text
        : `${document.text} ${document.title}`.padEnd(20, '.'),
    collection,
    source: document.id,
    document_id: `eval:${collection}:${String(ordinal)}`,
    ...(document.title !== '' && { title: document.title }),
  };
}

async function untilReady(api: ApiClient, collection: string, count: number): Promise<void> {
  for (let pauseMs = 100; ; pauseMs = Math.min(pauseMs * 2, 2_000)) {
    const ready = await countReady(api, collection);
    if (ready === count) return;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

async function countReady(api: ApiClient, collection: string): Promise<number> {
  let ready = 0;
  for (let after: string | null = null; ;) {
    const cursor = after === null ? '' : `&after=${encodeURIComponent(after)}`;
    const page: DocumentPage = await api.get(`/v1/documents?collection=${collection}&limit=100${cursor}`);
    const failed = page.data.find((document) => document.status === 'failed');
    if (failed) throw new ApiError(`The document ${failed.id} could not be indexed.`);
    ready += page.data.filter((document) => document.status === 'ready').length;
    if (!page.has_more) return ready;
    after = page.last_id;
  }
}
