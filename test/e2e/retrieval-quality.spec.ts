import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findCollections } from '../../scripts/eval/find-collections.js';
import { indexDocuments } from '../../scripts/eval/index-documents.js';
import { measurePassages } from '../../scripts/eval/measure-passages.js';
import { ApiClient } from '../../scripts/support/api-client.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { findTestCollection } from '../support/test-collections.js';

interface SettingResult {
  mode: string;
  ndcg_at_10: number;
  recall_at_100: number;
}

const articles = findTestCollection('xquad/en');
const passages = findTestCollection('chunkspans');
// Every so manieth question: enough to see a regression, few enough for every run. These had .956 when the floor was set;
// the whole, with its own floors, is measured in test/soak.
const QUESTION_STEP = 10;
const NDCG_FLOOR = 0.945;
// Hundreds of documents and questions, on a machine that may be busy.
const TIMEOUT_MS = 120_000;
// Of so few questions one may outweigh what holds for all of them: there it is .005.
const HYBRID_SLACK = 0.015;

describe('search is as good as it was', () => {
  let app: TestApp;
  let api: ApiClient;

  beforeAll(async () => {
    app = await startTestApp();
    api = new ApiClient(app.url, app.adminKey);
  });

  afterAll(async () => {
    await app.close();
  });

  (articles ? it : it.skip)(
    'finds the paragraph that answers, hybrid as well as the better leg',
    async () => {
      const [data] = await findCollections(articles ?? '', 'test');
      if (!data) throw new Error('The test collection is empty.');
      await indexDocuments(api, data.documents, { name: 'articles' });
      const queries = data.queries.filter((_, index) => index % QUESTION_STEP === 0);
      const settings = await evaluate('articles', {
        queries: queries.map(({ id, text }) => ({ _id: id, text })),
        qrels: queries.flatMap(({ id, relevance }) =>
          [...relevance].map(([document, score]) => ({ 'query-id': id, 'corpus-id': document, score })),
        ),
      });
      const [hybrid, lexical, dense] = settings;
      expect(settings.map(({ mode }) => mode)).toEqual(['hybrid', 'lexical', 'dense']);
      expect(hybrid?.ndcg_at_10).toBeGreaterThanOrEqual(NDCG_FLOOR);
      expect(hybrid?.recall_at_100).toBeGreaterThanOrEqual(0.99);
      const betterLeg = Math.max(lexical?.ndcg_at_10 ?? 1, dense?.ndcg_at_10 ?? 1);
      expect(hybrid?.ndcg_at_10).toBeGreaterThanOrEqual(betterLeg - HYBRID_SLACK);
    },
    TIMEOUT_MS,
  );

  (passages ? it : it.skip)(
    'finds most of the passages that answer in a long text',
    async () => {
      const [data] = await findCollections(passages ?? '', 'test');
      const name = 'state_of_the_union';
      const documents = data?.documents.filter(({ id }) => id === name) ?? [];
      const questions = data?.passages.filter(({ spans }) => spans.every(({ document }) => document === name)) ?? [];
      expect(questions.length).toBeGreaterThan(50);
      const collection = await indexDocuments(api, documents, { name: 'speech' });
      const { recall, characters } = await measurePassages(api, collection, questions, 'hybrid');
      expect(recall).toBeGreaterThanOrEqual(0.95);
      expect(characters).toBeLessThanOrEqual(1_600);
    },
    TIMEOUT_MS,
  );

  async function evaluate(collection: string, body: object): Promise<SettingResult[]> {
    const { job_id: job } = await api.post<{ job_id: string }>(`/v1/collections/${collection}/evaluate`, body);
    await api.waitForJob(job);
    return (await api.get<{ result: { settings: SettingResult[] } }>(`/v1/jobs/${job}`)).result.settings;
  }
});
