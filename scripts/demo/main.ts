import { join, resolve } from 'node:path';
import { ApiClient, mapConcurrently } from '../support/api-client.js';
import { startOwnServer, type ServerHandle } from '../support/own-server.js';
import { readDocuments, type DemoDocument } from './read-documents.js';
import { showAnswer } from './show-answer.js';

const ROOT = join(import.meta.dirname, '..', '..');
const COLLECTION = 'demo';
const QUESTIONS = [
  'How do I start Trunkline?',
  'Which providers can it speak to?',
  'What happens when a provider fails in the middle of a stream?',
  'How does the search find documents?',
  'Who won the football world cup in 1998?',
];
const USAGE = `npm run demo [folder]

Indexes the project's own documentation, and the text and Markdown files of a folder when one is named, asks a few
questions and shows the answers with their citations. Uses the server at TRUNKLINE_URL with TRUNKLINE_KEY when they are set,
else starts one with fresh data.
`;

/** Runs the demonstration; resolves to the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(USAGE);
    return 0;
  }
  const [folder] = args;
  const paths = [join(ROOT, 'README.md'), join(ROOT, 'docs'), ...(folder === undefined ? [] : [resolve(folder)])];
  const documents = await readDocuments(ROOT, paths);
  if (documents.length === 0) throw new Error('There is nothing to index: no text or Markdown files were found.');
  const server = await connect();
  try {
    const api = new ApiClient(server.url, server.key);
    await prepareCollection(api);
    await indexAll(api, documents);
    for (const question of QUESTIONS) await showAnswer(api, COLLECTION, question);
    process.stdout.write(renderNext(server));
    return 0;
  } finally {
    await server.stop();
  }
}

async function connect(): Promise<ServerHandle> {
  const url = process.env.TRUNKLINE_URL;
  if (url !== undefined && url !== '') {
    return { url, key: process.env.TRUNKLINE_KEY ?? '', stop: () => Promise.resolve() };
  }
  process.stdout.write('Starting a server with fresh data ...\n');
  return startOwnServer({});
}

// A collection that an earlier run left is used again: what did not change is not indexed twice.
async function prepareCollection(api: ApiClient): Promise<void> {
  const { data } = await api.get<{ data: { name: string }[] }>('/v1/collections?limit=100');
  if (!data.some((collection) => collection.name === COLLECTION))
    await api.post('/v1/collections', { name: COLLECTION });
}

async function indexAll(api: ApiClient, documents: readonly DemoDocument[]): Promise<void> {
  const startedAt = performance.now();
  const jobs = await mapConcurrently(documents, 4, async (document) => {
    const reply = await api.post<{ status: string; job_id: string | null }>('/v1/index', {
      ...document,
      collection: COLLECTION,
    });
    process.stdout.write(`  ${reply.status.padEnd(10)} ${document.source}\n`);
    return reply.job_id;
  });
  await mapConcurrently(
    jobs.filter((job) => job !== null),
    4,
    (job) => api.waitForJob(job),
  );
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  process.stdout.write(`Indexed ${String(documents.length)} documents in ${seconds} s.\n`);
}

function renderNext(server: ServerHandle): string {
  return `\nThe same over HTTP: POST ${server.url}/v1/stream {"question": "...", "collection": "${COLLECTION}"}\n`;
}
