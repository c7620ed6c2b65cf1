import { parseArgs } from 'node:util';
import { ApiClient } from '../support/api-client.js';
import { startOwnServer } from '../support/own-server.js';
import { evaluate, type Report } from './evaluate.js';
import { readBeir } from './read-beir.js';

const USAGE = `npm run eval -- --data DIR [options]

Measures retrieval on a test collection in BEIR's layout (corpus.jsonl, queries.jsonl, qrels/test.tsv). Starts a server of
its own with fresh data, unless --url names a running one.

  --data DIR           the test collection
  --split NAME         which judgements to use (test)
  --limit N            only the first N queries
  --mode MODE          hybrid, dense or lexical (hybrid)
  --model NAME         embedding model (the server's default)
  --database-url URL   PostgreSQL for the server that is started (embedded)
  --url URL --key KEY  a running server, and a key of it with the scope rag
  --min-ndcg X         exit with 1 when nDCG@10 is lower
`;

/** Runs the evaluation that the command line asks for; resolves to the exit code. */
export async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      split: { type: 'string', default: 'test' },
      limit: { type: 'string' },
      mode: { type: 'string', default: 'hybrid' },
      model: { type: 'string' },
      'database-url': { type: 'string' },
      url: { type: 'string' },
      key: { type: 'string' },
      'min-ndcg': { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help || values.data === undefined) {
    process.stdout.write(USAGE);
    return values.help ? 0 : 2;
  }
  const data = await readBeir(values.data, values.split);
  if (values.limit !== undefined) data.queries = data.queries.slice(0, Number(values.limit));
  const server =
    values.url === undefined
      ? await startOwnServer({ databaseUrl: values['database-url'] })
      : { url: values.url, key: values.key ?? '', stop: () => Promise.resolve() };
  try {
    const api = new ApiClient(server.url, server.key);
    const collection = `eval-${Date.now().toString(36)}`;
    await api.post('/v1/collections', {
      name: collection,
      ...(values.model !== undefined && { embedding_model: values.model }),
    });
    const report = await evaluate(api, data, { collection, mode: values.mode, say });
    print(report);
    return values['min-ndcg'] !== undefined && report.ndcg10 < Number(values['min-ndcg']) ? 1 : 0;
  } finally {
    await server.stop();
  }
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function print(report: Report): void {
  const lines = [
    ['documents', String(report.documents)],
    ['queries', String(report.queries)],
    ['indexing', `${report.indexSeconds.toFixed(1)} s`],
    ['nDCG@10', report.ndcg10.toFixed(4)],
    ['Recall@100', report.recall100.toFixed(4)],
    ['MRR@10', report.mrr10.toFixed(4)],
    ['p50', `${report.p50Ms.toFixed(1)} ms`],
    ['p95', `${report.p95Ms.toFixed(1)} ms`],
  ];
  for (const [name = '', value = ''] of lines) process.stdout.write(`${name.padEnd(12)}${value}\n`);
}
