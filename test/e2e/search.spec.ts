import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import { FakeReranker } from '../fakes/fake-reranker.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

interface SearchReply {
  results: {
    id: string;
    document_id: string;
    text: string;
    start: number;
    end: number;
    score: number;
    neighbours?: { id: string; text: string; start: number; end: number }[];
    explain?: { matched_terms: string[]; lexical_rank: number | null; rerank_score: number | null };
  }[];
  warnings?: string[];
  explain?: { filter: object | null; dense_scan: string | null; timings_ms: Record<string, number> };
}

const HERON = 'The heron stands in shallow water and waits for fish. ';
const DOCUMENTS = [
  {
    document_id: 'heron',
    source: 'birds/heron.md',
    title: 'Heron',
    metadata: { topic: 'birds', size: 98 },
    content: HERON,
  },
  {
    document_id: 'otter',
    source: 'otter.md',
    metadata: { topic: 'mammals', size: 60 },
    content: 'The otter swims and eats fish and crabs.',
  },
  {
    document_id: 'perch',
    source: 'perch.md',
    metadata: { topic: 'fish', size: 25 },
    content: 'The perch is a fish with red fins that lives in lakes.',
  },
  {
    document_id: 'pond',
    source: 'pond.md',
    metadata: { topic: 'places' },
    content: Array.from(
      { length: 12 },
      (_, index) => `# Part ${String(index)}\n\nPond part ${String(index)}. ${HERON.repeat(4)}`,
    ).join('\n\n'),
  },
];

describe('search', () => {
  const openAi = new FakeOpenAi();
  const reranker = new FakeReranker();
  let app: TestApp;

  beforeAll(async () => {
    await Promise.all([openAi.start(), reranker.start()]);
    app = await startTestApp({
      gateway: {
        providers: {
          openai: { type: 'openai', base_url: openAi.url, api_keys: ['sk-fake'] },
          cohere: { type: 'cohere', base_url: reranker.origin, api_keys: ['co-key'] },
          jina: { type: 'jina', base_url: `${reranker.origin}/v1` },
          voyage: { type: 'voyage', base_url: `${reranker.origin}/voyage`, api_keys: ['vo-key'] },
        },
        models: { impatient: { targets: ['jina/m'], timeouts: { response_head_ms: 150, total_ms: 400 } } },
        prices: { 'cohere/rerank-v3.5': { input: 2_000, output: 0 }, 'voyage/rerank-2': { input: 0.05, output: 0 } },
        defaults: { embeddings: 'local/lexical-384', rerank: 'cohere/rerank-v3.5' },
      },
    });
    for (const document of DOCUMENTS) {
      const response = await app.post('/v1/index', document);
      const { job_id: jobId } = (await response.json()) as { job_id: string };
      expect((await app.waitForJob(jobId)).status).toBe('succeeded');
    }
  });

  beforeEach(() => {
    openAi.reset();
    reranker.reset();
    app.resetProviders();
  });

  afterAll(async () => {
    await app.close();
    await Promise.all([openAi.stop(), reranker.stop()]);
  });

  async function search(body: object, key?: string): Promise<SearchReply> {
    const response = await app.post('/v1/search', { query: 'who eats fish', ...body }, { key });
    expect(response.status).toBe(200);
    return (await response.json()) as SearchReply;
  }

  const idsOf = (reply: SearchReply): string[] => reply.results.map((result) => result.document_id);

  it('looks only at what the filter leaves', async () => {
    const filter = { and: [{ lte: ['metadata.size', 60] }, { ne: ['source', 'otter.md'] }] };
    expect(idsOf(await search({ filter }))).toEqual(['perch']);
    expect(idsOf(await search({ filter: { exists: 'title' } }))).toEqual(['heron']);
    expect(idsOf(await search({ filter: { gt: ['created_at', '2000-01-01'] } }))).toContain('otter');
    expect(await search({ filter: { lt: ['created_at', '2000-01-01'] } })).toEqual({ results: [] });
  });

  it.each<[string, object, string, string]>([
    ['R10 an unknown operator', { filter: { $ne: 1 } }, 'invalid_value', 'filter'],
    ['R10 a filter that is a text', { filter: 'topic = birds' }, 'invalid_type', 'filter'],
    [
      'R10 a nested operator',
      { filter: { and: [{ eq: ['metadata.a', { $gt: 1 }] }] } },
      'invalid_value',
      'filter.and[0].eq[1]',
    ],
    ['R10 no results', { max_results: 0 }, 'invalid_value', 'max_results'],
    ['R10 too many results', { max_results: 1e9 }, 'invalid_value', 'max_results'],
    ['R10 results as a text', { max_results: '5' }, 'invalid_type', 'max_results'],
    ['a weight over 1', { fusion: { dense_weight: 2 } }, 'invalid_value', 'fusion.dense_weight'],
    ['an unknown fusion', { fusion: { method: 'sum' } }, 'invalid_value', 'fusion.method'],
    ['a lambda under 0', { mmr: { lambda: -1 } }, 'invalid_value', 'mmr.lambda'],
    ['mmr as a number', { mmr: 0.7 }, 'invalid_type', 'mmr'],
    ['an unknown setting', { rerank: { top: 3 } }, 'unknown_parameter', 'rerank.top'],
    ['too many neighbours', { neighbours: 4 }, 'invalid_value', 'neighbours'],
    ['explain as a text', { explain: 'yes' }, 'invalid_type', 'explain'],
    ['R11 an empty query', { query: '' }, 'invalid_value', 'query'],
    ['R11 a query of blanks', { query: ' \n ' }, 'invalid_value', 'query'],
    ['R11 a query of a megabyte', { query: 'a'.repeat(1_000_000) }, 'invalid_value', 'query'],
  ])('refuses %s', async (_name, body, code, param) => {
    const response = await app.post('/v1/search', { query: 'fish', ...body });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code, param } });
  });

  it.each([
    '%'.repeat(4_000),
    '_'.repeat(4_000),
    '\\'.repeat(4_000),
    '(a+)+$',
    "'; drop table chunk; --",
    'x '.repeat(2_000),
  ])('R11 takes any query: %.20s', async (query) => {
    for (const mode of ['hybrid', 'lexical'] as const)
      expect(Array.isArray((await search({ query, mode })).results)).toBe(true);
  });

  it('explains itself', async () => {
    const reply = await search({ explain: true, filter: { eq: ['metadata.topic', 'birds'] } });
    expect(reply.explain).toMatchObject({ filter: { documents: 1, chunks: 1 }, dense_scan: 'exact' });
    expect(reply.results[0]?.explain).toMatchObject({ matched_terms: ['fish'], lexical_rank: 1, rerank_score: null });
    expect(reply.explain?.timings_ms.total).toBeGreaterThan(0);
  });

  it('brings neighbours whose offsets cut exactly their text out of the document', async () => {
    const reply = await search({
      query: 'pond part 6',
      max_results: 1,
      neighbours: 1,
      filter: { eq: ['document_id', 'pond'] },
    });
    const text = await (await app.get('/v1/documents/pond/text')).text();
    const beside = reply.results.flatMap((result) => result.neighbours ?? []);
    expect(beside.length).toBeGreaterThan(0);
    for (const chunk of beside) expect(text.slice(chunk.start, chunk.end)).toBe(chunk.text);
  });

  it('documents that settings may be `true`', async () => {
    const document = (await (await app.get('/openapi.json', { key: null })).json()) as {
      components: { schemas: Record<string, { properties: Record<string, { oneOf?: object[] }> }> };
    };
    const { schemas } = document.components;
    for (const [name, field, settings] of [
      ['SearchRequestDto', 'rerank', 'RerankDto'],
      ['SearchRequestDto', 'mmr', 'MmrDto'],
      ['QueryRequestDto', 'rerank', 'RerankDto'],
      ['EvaluationSettingDto', 'mmr', 'MmrDto'],
    ] as const) {
      const expected = [{ type: 'boolean' }, { $ref: `#/components/schemas/${settings}` }];
      expect([name, field, schemas[name]?.properties[field]?.oneOf]).toEqual([name, field, expected]);
      expect(Object.keys(schemas)).toContain(settings);
    }
  });

  it('caps what one document gives', async () => {
    const free = idsOf(await search({ query: 'heron fish pond', max_results: 6 }));
    expect(free.filter((id) => id === 'pond').length).toBeGreaterThan(1);
    const capped = idsOf(await search({ query: 'heron fish pond', max_results: 6, max_per_document: 1, mmr: true }));
    expect(new Set(capped).size).toBe(capped.length);
  });

  it.each([
    [undefined, '/v2/rerank', 'Bearer co-key', 0.002],
    ['jina/jina-reranker-v2', '/v1/rerank', undefined, null],
    ['voyage/rerank-2', '/voyage/rerank', 'Bearer vo-key', 0.0000035],
  ])('reranks by %s and bills it', async (model, path, authorization, cost) => {
    reranker.favourite = 'crabs';
    const reply = await search({ rerank: model === undefined ? true : { model }, explain: true });
    const { results } = reply;
    expect(results[0]).toMatchObject({ document_id: 'otter', score: 0.9, explain: { rerank_score: 0.9 } });
    expect(reply.warnings).toBeUndefined();
    expect(reranker.calls).toEqual([expect.objectContaining({ path, authorization })]);
    expect(reranker.calls[0]?.body).toMatchObject({ query: 'who eats fish' });
    expect(reranker.calls[0]?.body.documents).toContainEqual(expect.stringContaining('Heron\n\n'));
    const row = await app.ledgerRow();
    expect(row).toMatchObject({ status: 'succeeded', cost_usd: cost });
  });

  it('reranks by a chat model, which only names numbers', async () => {
    openAi.reply({ text: 'Sure: [2, 1]', usage: { input: 300, output: 5 } });
    const plain = await search({ max_results: 3 });
    const reply = await search({ max_results: 3, rerank: { model: 'openai/gpt-5.4-mini' } });
    expect(reply.results.map((result) => result.id).slice(0, 2)).toEqual(
      [plain.results[1], plain.results[0]].map((result) => result?.id),
    );
    expect((await app.ledgerRow()).cost_usd).toBeGreaterThan(0);
  });

  it.each<[string, number | 'stall', object]>([
    ['fails', 500, { model: 'jina/m' }],
    ['refuses', 400, { model: 'jina/m' }],
    ['limits us', 429, { model: 'jina/m' }],
    ['keeps silent', 'stall', { model: 'impatient' }],
  ])('goes on without the reranker when it %s', async (_name, failure, rerank) => {
    const plain = await search({});
    reranker.failure = failure;
    const reply = await search({ rerank });
    expect(reply.results).toEqual(plain.results);
    expect(reply.warnings).toEqual([expect.stringContaining('were not reranked')]);
    expect(await app.ledgerRow()).toMatchObject({ status: 'succeeded' });
  });

  it('goes on without a chat model that names nothing', async () => {
    openAi.reply({ text: 'I would rather not.', usage: { input: 300, output: 5 } });
    const reply = await search({ rerank: { model: 'openai/gpt-5.4-mini' } });
    expect(reply.results.length).toBeGreaterThan(0);
    expect(reply.warnings).toEqual([expect.stringContaining('named no passages')]);
  });

  it('refuses models for reranking that do not exist, and those a key may not use', async () => {
    const unknown = await app.post('/v1/search', { query: 'fish', rerank: { model: 'nobody/nothing' } });
    expect([unknown.status, await unknown.json()]).toMatchObject([404, { error: { code: 'model_not_found' } }]);
    const made = await app.post('/admin/keys', { name: 'narrow', models: ['local/*'] });
    const { key } = (await made.json()) as { key: string };
    const refused = await app.post('/v1/search', { query: 'fish', rerank: true }, { key });
    expect([refused.status, await refused.json()]).toMatchObject([403, { error: { code: 'model_not_allowed' } }]);
    expect(reranker.calls).toEqual([]);
  });

  it('answers questions from what the filter leaves, in the order of the reranker', async () => {
    const filter = { ne: ['document_id', 'heron'] };
    reranker.favourite = 'crabs';
    const response = await app.post('/v1/query', { question: 'Who eats fish?', filter, rerank: true });
    const reply = (await response.json()) as { answered: boolean; sources: { document_id: string }[] };
    expect([response.status, reply.sources[0]?.document_id]).toEqual([200, 'otter']);
    expect(reply.sources.map((source) => source.document_id)).not.toContain('heron');
    const refused = await app.post('/v1/query', { question: 'Who eats fish?', filter: { like: ['source', 'x'] } });
    expect([refused.status, await refused.json()]).toMatchObject([400, { error: { param: 'filter' } }]);
  });
});
