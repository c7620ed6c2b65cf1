import { writeFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import type { CollectionReport } from './measure-collection.js';
import { renderTables } from './render-tables.js';

const INTRODUCTION = `# Retrieval quality

This page is written by the command that measures:

\`\`\`sh
npm run eval -- --data FOLDER --mode hybrid,lexical,dense --databases embedded,URL --write docs/retrieval-quality.md
\`\`\`

It starts a server of its own with fresh data for each database, indexes every document by \`POST /v1/index\`, waits until
all can be searched, asks every query by \`POST /v1/search\` for 100 results and every question by \`POST /v1/query\`. All
goes through the HTTP API, with the built-in embedder \`local/lexical-384\` and without a language model. \`FOLDER\` is a test
collection or holds several: in BEIR's layout (\`corpus.jsonl\`, \`queries.jsonl\`, \`qrels/test.tsv\`, and \`answers.jsonl\` for
answers), or long documents with the passages that answer (\`docs/\`, \`questions.jsonl\`). \`--check\` ends with an error when a
score is below its floor.

- **nDCG@10, Recall@100, MRR@10**: rankings of documents, as BEIR defines them.
- **passage recall@5**: share of the characters of the right passages that the first five chunks hold; **IoU** also counts
  what they hold besides.
- **answer in the sources / quotes**: share of the questions for which one of the five sources, or one of the quotes of the
  built-in extractive answer, holds the known answer whole.
- **answered, refused, no-answer AUC**: every question is asked of half of the subjects twice, once of the half that its
  subject is in and once of the other. Answered is the share of the first that got an answer, refused of the second that
  did not; the area under the curve judges the \`confidence\` that comes with every answer, 1 being perfect.
- **p50, p95**: milliseconds of a search for 100 results over HTTP, one client, one query after the other.
`;

const CONCLUSION = `
## Your own documents

The same measures over a collection of yours, several ways to search side by side. Documents are named by their id or
their source; settings are those of \`/v1/search\`, and the three modes when left out:

\`\`\`sh
curl -s http://127.0.0.1:3000/v1/collections/handbook/evaluate -H "Authorization: Bearer $KEY" \\
  -H 'Content-Type: application/json' -d '{
    "queries": [{ "_id": "q1", "text": "How many days of holiday are there?" }],
    "qrels": [{ "query-id": "q1", "corpus-id": "holidays.md", "score": 1 }],
    "settings": [{}, { "name": "ranks", "fusion": { "method": "rrf" } }, { "mode": "lexical" }]
  }'
\`\`\`

It answers with a job; \`GET /v1/jobs/{id}\` has \`ndcg_at_10\`, \`recall_at_100\`, \`mrr_at_10\` and times per setting when it is
over, and names the judged documents that the collection does not hold. Every search is metered like one of the key's own.

## What this says, and what it does not

The offline embedder is lexical: it forgives endings and misspellings and knows no meaning. Published BM25 on SciFact:
Elasticsearch .665, Anserini .679. The weights were chosen on SciFact's train split and on the passages in long texts
([ADR 7](adr/0007-fusion-by-the-best-score.md)); test splits were only measured. Semantic embedding models are not measured
here yet. Times are those of the machine and moment of the measurement.
`;

/** Writes what was measured as a page of the documentation. */
export async function writePage(path: string, reports: readonly CollectionReport[]): Promise<void> {
  const text = `${INTRODUCTION}\n${renderTables(reports)}${CONCLUSION}`;
  await writeFile(path, await format(text, { ...(await resolveConfig(path)), parser: 'markdown' }));
}
