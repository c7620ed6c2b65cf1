import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

interface SettingResult {
  name: string;
  mode?: string;
  fusion?: object;
  ndcg_at_10: number;
  recall_at_100: number;
  mrr_at_10: number;
  p50_ms: number;
  p95_ms: number;
}

interface EvaluationResult {
  collection_id: string;
  queries: number;
  unknown_documents: { count: number; examples: string[] };
  best: string;
  settings: SettingResult[];
}

const DOCUMENTS = [
  ['birds.md', 'The bar-tailed godwit flies from Alaska to New Zealand without a stop.'],
  ['holidays.md', 'Everyone has 28 days of paid holiday a year; unused days expire in March.'],
  ['trains.md', 'Trains are first class when the journey is longer than three hours.'],
] as const;
const QUERIES = [
  { _id: 'q1', text: 'Where does the godwit fly?' },
  { _id: 'q2', text: 'How many days of holiday are there?' },
  { _id: 'q3', text: 'Nobody judged this one' },
];
const QRELS = [
  { 'query-id': 'q1', 'corpus-id': 'birds.md', score: 1 },
  { 'query-id': 'q2', 'corpus-id': 'doc-holidays', score: 2 },
];

describe('a collection measured by its own judgements', () => {
  const openAi = new FakeOpenAi();
  let app: TestApp;

  beforeAll(async () => {
    await openAi.start();
    app = await startTestApp({
      gateway: {
        providers: { openai: { type: 'openai', base_url: openAi.url, api_keys: ['sk-fake'] } },
        models: { vectors: { targets: ['openai/text-embedding-3-small'] } },
        defaults: { chat: 'local/extractive', embeddings: 'local/lexical-384' },
      },
    });
    await fill('measured');
  });

  beforeEach(() => {
    openAi.reset();
    app.resetProviders();
  });

  afterAll(async () => {
    await app.close();
    await openAi.stop();
  });

  async function fill(collection: string, values: object = {}): Promise<void> {
    expect((await app.post('/v1/collections', { name: collection, ...values })).status).toBe(201);
    for (const [source, content] of DOCUMENTS) {
      const id = source === 'holidays.md' && collection === 'measured' ? { document_id: 'doc-holidays' } : {};
      const reply = await app.post('/v1/index', { source, content, collection, ...id });
      const { job_id: job } = (await reply.json()) as { job_id: string };
      expect(await app.waitForJob(job)).toMatchObject({ status: 'succeeded' });
    }
  }

  async function evaluate(collection: string, body: object, key?: string): ReturnType<TestApp['waitForJob']> {
    const response = await app.post(`/v1/collections/${collection}/evaluate`, body, { key });
    expect(response.status).toBe(202);
    const { status, job_id: job } = (await response.json()) as { status: string; job_id: string };
    expect(status).toBe('queued');
    return app.waitForJob(job, { key });
  }

  async function resultOf(collection: string, body: object): Promise<EvaluationResult> {
    const job = await evaluate(collection, body);
    expect(job).toMatchObject({ status: 'succeeded', kind: 'evaluation' });
    expect(job.progress.done).toBe(job.progress.total);
    return (job as unknown as { result: EvaluationResult }).result;
  }

  it('compares the modes of search, documents named by id or source', async () => {
    const result = await resultOf('measured', { queries: QUERIES, qrels: QRELS });
    expect(result).toMatchObject({ queries: 2, unknown_documents: { count: 0, examples: [] }, best: 'setting 1' });
    expect(result.collection_id).toMatch(/^col_/);
    expect(result.settings.map(({ mode }) => mode)).toEqual(['hybrid', 'lexical', 'dense']);
    for (const setting of result.settings) {
      expect(setting).toMatchObject({ ndcg_at_10: 1, recall_at_100: 1, mrr_at_10: 1 });
      expect(setting.p95_ms).toBeGreaterThanOrEqual(setting.p50_ms);
      expect(setting.p50_ms).toBeGreaterThan(0);
    }
  });

  it('takes what the loader of BEIR gives, and counts what is not there as not found', async () => {
    const result = await resultOf('measured', {
      queries: { first: 'Where does the godwit fly?' },
      qrels: { first: { 'birds.md': 1, 'lost.md': 1, 'trains.md': 0 } },
      settings: [
        { name: 'words alone', mode: 'lexical' },
        { fusion: { method: 'rrf' } },
        { name: 'other documents', filter: { ne: ['source', 'birds.md'] } },
      ],
    });
    expect(result.unknown_documents).toEqual({ count: 1, examples: ['lost.md'] });
    expect(result.settings.map(({ name, mode }) => [name, mode])).toEqual([
      ['words alone', 'lexical'],
      ['setting 2', undefined],
      ['other documents', undefined],
    ]);
    expect(result.settings[1]).toMatchObject({ recall_at_100: 0.5, mrr_at_10: 1, fusion: { method: 'rrf' } });
    expect(result.settings[2]).toMatchObject({ ndcg_at_10: 0, recall_at_100: 0, mrr_at_10: 0 });
    expect(result.settings[0]).toMatchObject({ recall_at_100: 0.5, mrr_at_10: 1 });
    expect(result.settings[0]?.ndcg_at_10).toBeCloseTo(1 / (1 + 1 / Math.log2(3)), 4);
  });

  it.each([
    ['no queries', { qrels: QRELS }, 'queries'],
    ['no judgements', { queries: QUERIES }, 'qrels'],
    ['an empty list', { queries: [], qrels: QRELS }, 'queries'],
    ['a number', { queries: 7, qrels: QRELS }, 'queries'],
    ['a query without text', { queries: [{ _id: 'q1' }], qrels: QRELS }, 'queries[0].text'],
    ['a query of white space', { queries: { q1: '  ' }, qrels: QRELS }, 'queries["q1"]'],
    ['two queries of one id', { queries: [QUERIES[0], QUERIES[0]], qrels: QRELS }, 'queries'],
    ['a judged query that is not there', { queries: [QUERIES[0]], qrels: QRELS }, 'qrels'],
    ['only zeros', { queries: QUERIES, qrels: { q1: { 'birds.md': 0 } } }, 'qrels'],
    ['a text for a score', { queries: QUERIES, qrels: { q1: { 'birds.md': '1' } } }, 'qrels["q1"]["birds.md"]'],
    ['a score below 0', { queries: QUERIES, qrels: [{ ...QRELS[0], score: -1 }] }, 'qrels[0].score'],
    ['a row without a document', { queries: QUERIES, qrels: [{ 'query-id': 'q1', score: 1 }] }, 'qrels[0].corpus-id'],
    ['an unknown mode', { queries: QUERIES, qrels: QRELS, settings: [{ mode: 'psychic' }] }, 'settings[0].mode'],
    [
      'a broken filter',
      { queries: QUERIES, qrels: QRELS, settings: [{}, { filter: { like: 1 } }] },
      'settings[1].filter',
    ],
    ['no setting', { queries: QUERIES, qrels: QRELS, settings: [] }, 'settings'],
    ['nine settings', { queries: QUERIES, qrels: QRELS, settings: Array(9).fill({}) }, 'settings'],
    ['an unknown field', { queries: QUERIES, qrels: QRELS, depth: 5 }, 'depth'],
  ])('refuses %s', async (_name, body, param) => {
    const response = await app.post('/v1/collections/measured/evaluate', body);
    expect([response.status, await response.json()]).toMatchObject([400, { error: { param } }]);
  });

  it('refuses more queries than it takes', async () => {
    const queries = Array.from({ length: 2_001 }, (_, index) => ({ _id: index, text: 'Which?' }));
    const response = await app.post('/v1/collections/measured/evaluate', { queries, qrels: { 1: { a: 1 } } });
    expect([response.status, await response.json()]).toMatchObject([400, { error: { code: 'array_too_long' } }]);
  });

  it('404 for a collection that is not there', async () => {
    const response = await app.post('/v1/collections/nowhere/evaluate', { queries: QUERIES, qrels: QRELS });
    expect([response.status, await response.json()]).toMatchObject([404, { error: { code: 'collection_not_found' } }]);
  });

  it('bills every search to the key that asked, and fails with the reason when its budget is spent', async () => {
    await fill('paid', { embedding_model: 'vectors' });
    const before = openAi.requests.length;
    const made = await app.post('/admin/keys', {
      name: 'thrifty',
      budgets: [{ window: 'total', amount_usd: 0.0000000001 }],
    });
    const { key } = (await made.json()) as { key: string };
    const job = await evaluate('paid', { queries: QUERIES, qrels: { q1: { 'birds.md': 1 } } }, key);
    expect(job).toMatchObject({ status: 'failed', error: { code: 'insufficient_quota' } });
    expect(openAi.requests).toHaveLength(before);
    await resultOf('paid', { queries: QUERIES, qrels: QRELS.slice(0, 1), settings: [{ mode: 'dense' }] });
    expect(openAi.requests).toHaveLength(before + 1);
  });
});
