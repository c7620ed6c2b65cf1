import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readJsonLines, readLines } from './read-lines.js';
import type { CorpusDocument, JudgedQuery, SpanQuestion, TestCollection } from './test-collection.js';

interface CorpusRow {
  _id: string;
  title: string;
  text: string;
  metadata: { article?: number | string };
}

interface QueryRow {
  _id: string;
  text: string;
}

interface AnswerRow {
  _id: string;
  doc: string;
  answers: string[];
  start: number[];
}

/**
 * Reads `corpus.jsonl`, `queries.jsonl` (or `queries_SPLIT.jsonl`), `qrels/SPLIT.tsv`, and `answers.jsonl` when there is
 * one. Throws when one of the others is missing, or an answer does not stand where it says.
 */
export async function readBeir(directory: string, options: { name: string; split: string }): Promise<TestCollection> {
  const { name, split } = options;
  const splitQueries = join(directory, `queries_${split}.jsonl`);
  const queriesPath = existsSync(splitQueries) ? splitQueries : join(directory, 'queries.jsonl');
  const judgements = await readJudgements(join(directory, 'qrels', `${split}.tsv`));
  const { documents, marks } = await readCorpus(join(directory, 'corpus.jsonl'));
  const queries: JudgedQuery[] = [];
  for await (const row of readJsonLines<QueryRow>(queriesPath)) {
    const relevance = judgements.get(row._id ?? '');
    if (relevance) queries.push({ id: row._id ?? '', text: row.text ?? '', relevance });
  }
  const answersPath = join(directory, 'answers.jsonl');
  const answers = existsSync(answersPath) ? await readAnswers(answersPath, queries, { documents, marks }) : [];
  return { name, documents, queries, passages: [], answers };
}

interface Corpus {
  documents: CorpusDocument[];
  /** How many byte order marks a document began with, by its id. The server removes them, and its offsets do not count them. */
  marks: ReadonlyMap<string, number>;
}

async function readCorpus(path: string): Promise<Corpus> {
  const documents: CorpusDocument[] = [];
  const marks = new Map<string, number>();
  for await (const row of readJsonLines<CorpusRow>(path)) {
    const { _id: id = '', title = '', text = '', metadata } = row;
    const stored = text.replace(/^\ufeff+/, '');
    marks.set(id, text.length - stored.length);
    documents.push({ id, title, text: stored, group: String(metadata?.article ?? title) });
  }
  return { documents, marks };
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

async function readAnswers(
  path: string,
  queries: readonly JudgedQuery[],
  { documents, marks }: Corpus,
): Promise<SpanQuestion[]> {
  const questions = new Map(queries.map((query) => [query.id, query.text]));
  const texts = new Map(documents.map((document) => [document.id, document.text]));
  const read: SpanQuestion[] = [];
  for await (const { _id: id = '', doc = '', answers = [], start = [] } of readJsonLines<AnswerRow>(path)) {
    const question = questions.get(id);
    if (question === undefined) continue;
    const spans = answers.map((answer, index) => {
      const from = (start[index] ?? -1) - (marks.get(doc) ?? 0);
      if (texts.get(doc)?.startsWith(answer, from) !== true) throw new Error(`${path}: ${id} is not where it says.`);
      return { document: doc, start: from, end: from + answer.length };
    });
    read.push({ text: question, spans });
  }
  return read;
}
