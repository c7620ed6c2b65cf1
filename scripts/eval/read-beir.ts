import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Relevance } from './metrics.js';

export interface CorpusDocument {
  id: string;
  title: string;
  text: string;
}

export interface JudgedQuery {
  id: string;
  text: string;
  relevance: Relevance;
}

/** A test collection in BEIR's layout. */
export interface BeirCollection {
  documents: CorpusDocument[];
  queries: JudgedQuery[];
}

/** Reads `corpus.jsonl`, `queries.jsonl` (or `queries_SPLIT.jsonl`) and `qrels/SPLIT.tsv`. Throws when one is missing. */
export async function readBeir(directory: string, split: string): Promise<BeirCollection> {
  const splitQueries = join(directory, `queries_${split}.jsonl`);
  const queriesPath = existsSync(splitQueries) ? splitQueries : join(directory, 'queries.jsonl');
  const judgements = await readJudgements(join(directory, 'qrels', `${split}.tsv`));
  const documents: CorpusDocument[] = [];
  for await (const row of readJsonLines(join(directory, 'corpus.jsonl'))) {
    documents.push({ id: row._id ?? '', title: row.title ?? '', text: row.text ?? '' });
  }
  const queries: JudgedQuery[] = [];
  for await (const row of readJsonLines(queriesPath)) {
    const relevance = judgements.get(row._id ?? '');
    if (relevance) queries.push({ id: row._id ?? '', text: row.text ?? '', relevance });
  }
  return { documents, queries };
}

async function readJudgements(path: string): Promise<Map<string, Map<string, number>>> {
  const judgements = new Map<string, Map<string, number>>();
  for await (const line of readLines(path)) {
    const [query, document, grade] = line.split('\t');
    if (query === undefined || document === undefined || !(Number(grade) > 0)) continue;
    const relevance = judgements.get(query) ?? new Map<string, number>();
    judgements.set(query, relevance.set(document, Number(grade)));
  }
  return judgements;
}

async function* readJsonLines(path: string): AsyncGenerator<Record<string, string | undefined>> {
  for await (const line of readLines(path)) yield JSON.parse(line) as Record<string, string | undefined>;
}

async function* readLines(path: string): AsyncGenerator<string> {
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    if (line.trim() !== '') yield line;
  }
}
