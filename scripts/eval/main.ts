import { parseArgs } from 'node:util';
import { ApiClient } from '../support/api-client.js';
import { startOwnServer } from '../support/own-server.js';
import { evaluate, indexAll, type Report } from './evaluate.js';
import { readBeir } from './read-beir.js';

const USAGE = `npm run eval -- --data DIR [options]

Measures retrieval on a test collection in BEIR's layout (corpus.jsonl, queries.jsonl, qrels/test.tsv). Starts a server of
its own with fresh data, unless --url names a running one.

  --data DIR           the test collection
  --split NAME         which judgements to use (test)
  --limit N            only the first N queries
  --mode MODES         hybrid, dense, lexical, or several with commas (hybrid)
  --model NAME         embedding model (the server's default)
  --database-url URL   PostgreSQL for the server that is started (embedded)
  --url URL --key KEY  a running server, and a key of it with the scope rag
  --min-ndcg X         exit with 1 when nDCG@10 of a mode is lower
`;

const HEADING = `| mode | nDCG@10 | Recall@100 | MRR@10 | p50 | p95 |
|---|---|---|---|---|---|
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
    const indexSeconds = await indexAll(api, data.documents, { collection, say });
    const { documents, queries } = data;
    process.stdout.write(
      `${String(documents.length)} documents indexed in ${indexSeconds.toFixed(1)} s, ${String(queries.length)} queries\n\n${HEADING}`,
    );
    let isGood = true;
    for (const mode of values.mode.split(',')) {
      const report = await evaluate(api, data, { collection, mode });
      process.stdout.write(toRow(report));
      isGood &&= report.ndcg10 >= Number(values['min-ndcg'] ?? 0);
    }
    return isGood ? 0 : 1;
  } finally {
    await server.stop();
  }
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function toRow(report: Report): string {
  const { mode, ndcg10, recall100, mrr10, p50Ms, p95Ms } = report;
  const scores = [ndcg10, recall100, mrr10].map((score) => score.toFixed(4));
  const times = [p50Ms, p95Ms].map((ms) => `${ms.toFixed(1)} ms`);
  return `| ${[mode, ...scores, ...times].join(' | ')} |\n`;
}
