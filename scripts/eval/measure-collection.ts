import type { ApiClient } from '../support/api-client.js';
import { indexDocuments } from './index-documents.js';
import { measureAnswers, type AnswerReport } from './measure-answers.js';
import { measurePassages, type PassageReport } from './measure-passages.js';
import { measureRanking, type RankingReport } from './measure-ranking.js';
import type { TestCollection } from './test-collection.js';

/** All that was measured on one test collection with one database. */
export interface CollectionReport {
  name: string;
  database: string;
  documents: number;
  queries: number;
  indexSeconds: number;
  rankings: RankingReport[];
  passages: PassageReport[];
  answers: AnswerReport | null;
}

export interface MeasureOptions {
  modes: readonly string[];
  /** The embedding model; missing for the server's default. */
  model?: string;
  /** The model that answers; missing for the server's default. */
  answerModel?: string;
  /** How many queries at most. */
  limit: number;
  withAnswers: boolean;
  say: (line: string) => void;
}

/** Indexes a test collection and measures all that it comes with. */
export async function measureCollection(
  api: ApiClient,
  data: TestCollection,
  options: MeasureOptions & { database: string },
): Promise<CollectionReport> {
  const { modes, model, answerModel, limit, withAnswers, database, say } = options;
  const name = `eval-${data.name.replace(/[^A-Za-z0-9]+/g, '-')}-${Date.now().toString(36)}`;
  say(`${data.name}: indexing ${String(data.documents.length)} documents`);
  const collection = await indexDocuments(api, data.documents, { name, model, say });
  const rankings: RankingReport[] = [];
  const passages: PassageReport[] = [];
  for (const mode of modes) {
    say(`${data.name}: ${mode} search`);
    const queries = data.queries.slice(0, limit);
    if (queries.length > 0) rankings.push(await measureRanking(api, collection, queries, mode));
    const questions = data.passages.slice(0, limit);
    if (questions.length > 0) passages.push(await measurePassages(api, collection, questions, mode));
  }
  const questions = withAnswers ? data.answers.slice(0, limit) : [];
  if (questions.length > 0) say(`${data.name}: answers`);
  return {
    name: data.name,
    database,
    documents: data.documents.length,
    queries: Math.min(limit, data.queries.length + data.passages.length),
    indexSeconds: collection.seconds,
    rankings,
    passages,
    answers:
      questions.length > 0 ? await measureAnswers(api, collection, data, { model: answerModel, questions }) : null,
  };
}
