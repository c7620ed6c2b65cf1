import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { JobRunner } from '../../src/jobs/job-runner.js';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

interface IndexReply {
  status: string;
  job_id: string | null;
  document_id: string;
}

describe('indexing under pressure', () => {
  const openAi = new FakeOpenAi();
  let app: TestApp;

  beforeAll(async () => {
    await openAi.start();
    app = await startTestApp({
      gateway: {
        providers: { openai: { type: 'openai', base_url: openAi.url, api_keys: ['sk-fake'] } },
        models: { offline: { targets: ['local/lexical-384'] } },
        defaults: { chat: 'local/extractive', embeddings: 'local/lexical-384' },
      },
    });
  });

  beforeEach(() => {
    openAi.reset();
    app.resetProviders();
  });

  afterAll(async () => {
    await app.close();
    await openAi.stop();
  });

  async function index(body: object): Promise<IndexReply> {
    const response = await app.post('/v1/index', body);
    const text = await response.text();
    if (response.status !== 202 && response.status !== 200) throw new Error(`${String(response.status)}: ${text}`);
    return JSON.parse(text) as IndexReply;
  }

  async function makeCollection(name: string, values: object = {}): Promise<string> {
    const response = await app.post('/v1/collections', { name, ...values });
    expect(response.status).toBe(201);
    return ((await response.json()) as { id: string }).id;
  }

  // A job that was cancelled still has to notice it.
  async function jobsSettled(): Promise<void> {
    await app.nest.get(JobRunner).settled(5_000);
  }

  async function expectTrueStatistics(): Promise<void> {
    await jobsSettled();
    const [row] = await app.nest.get(DataSource).query<Record<string, number>[]>(
      `with visible as (
         select c.* from chunk_lexical c join document d
           on d.project_id = c.project_id and d.id = c.document_id and d.current_version = c.version),
       counted as (
         select collection_id, l.lexeme, count(*) as df from visible v
         cross join lateral unnest(tsvector_to_array(v.tsv)) as l(lexeme) group by 1, 2)
       select
         (select count(*)::int from counted c full join lex_term t using (collection_id, lexeme)
          where c.df is distinct from t.df) as terms,
         (select count(*)::int from
           (select collection_id, count(*) as n, sum(len) as len from visible group by 1) v
           full join (select collection_id, sum(n) as n, sum(total_len) as len from lex_stats group by 1) s using (collection_id)
          where coalesce(v.n, 0) <> coalesce(s.n, 0) or coalesce(v.len, 0) <> coalesce(s.len, 0)) as totals,
         (select count(*)::int from chunk_embedding e where not exists (select 1 from chunk c where c.id = e.chunk_id)) as embeddings,
         (select count(*)::int from chunk_lexical e where not exists (select 1 from chunk c where c.id = e.chunk_id)) as lexical`,
    );
    expect(row).toEqual({ terms: 0, totals: 0, embeddings: 0, lexical: 0 });
  }

  it.each([
    ['content', { source: 'same.md' }],
    ['id', { source: 'same-id.md', document_id: 'same-id' }],
  ])('makes one document of the same %s sent 50 times at once', async (name, body) => {
    const content = `The same ${name} again and again, sent by fifty clients at the same time.`;
    const replies = await Promise.all(Array.from({ length: 50 }, () => index({ ...body, content })));
    expect(new Set(replies.map((reply) => reply.document_id)).size).toBe(1);
    expect(replies.filter((reply) => reply.status === 'queued')).toHaveLength(1);
    for (const { job_id: job } of replies) if (job !== null) await app.waitForJob(job);
    await expectTrueStatistics();
  });

  it('gives a document id to one of the collections that want it at the same time', async () => {
    const names = ['left', 'right', 'up', 'down'];
    for (const name of names) await makeCollection(name);
    for (let round = 0; round < 5; round += 1) {
      const body = {
        source: 'race.md',
        document_id: `race-${String(round)}`,
        content: 'A document that two want to have.',
      };
      const replies = await Promise.all(names.map((collection) => app.post('/v1/index', { ...body, collection })));
      expect(replies.map((reply) => reply.status).sort()).toEqual([202, 409, 409, 409]);
    }
  });

  it('keeps the last of many versions that are sent while others are still queued', async () => {
    const replies: IndexReply[] = [];
    for (let version = 1; version <= 8; version += 1) {
      replies.push(
        await index({
          source: 'v.md',
          document_id: 'versions',
          content: `Version number${String(version)} of the text.`,
        }),
      );
    }
    const jobs = await Promise.all(replies.map((reply) => app.waitForJob(reply.job_id ?? '')));
    expect(jobs.at(-1)).toMatchObject({ status: 'succeeded' });
    expect(await (await app.get('/v1/documents/versions/text')).text()).toBe('Version number8 of the text.');
    expect(await (await app.get('/v1/documents/versions')).json()).toMatchObject({ version: 8, latest_version: 8 });
    await expectTrueStatistics();
  });

  it('leaves nothing of documents that are deleted or cancelled while they are indexed', async () => {
    const content = Array.from(
      { length: 3_000 },
      (_, n) => `Sentence ${String(n)} speaks of subject${String(n % 97)}.`,
    ).join(' ');
    for (let round = 0; round < 6; round += 1) {
      const { job_id: job, document_id: id } = await index({
        source: `gone-${String(round)}`,
        content: `${String(round)} ${content}`,
      });
      await new Promise((resolve) => setTimeout(resolve, round * 60));
      if (round % 2 === 0) expect((await app.delete(`/v1/documents/${id}`)).status).toBe(200);
      else expect([200, 409]).toContain((await app.delete(`/v1/jobs/${job ?? ''}`)).status);
      await app.waitForJob(job ?? '');
    }
    await jobsSettled();
    const left = await app.nest.get(DataSource).query<unknown[]>(
      `select c.document_id from chunk c left join document d
         on d.project_id = c.project_id and d.id = c.document_id and d.current_version = c.version where d.id is null`,
    );
    expect(left).toEqual([]);
    await expectTrueStatistics();
  });

  it('treats fields that are null like fields that are missing', async () => {
    const body = { source: 'null.md', content: 'Nothing is set in this document.' };
    const first = await index({
      ...body,
      collection: null,
      language: null,
      title: null,
      metadata: null,
      document_id: null,
    });
    await app.waitForJob(first.job_id ?? '');
    expect(await index({ ...body, document_id: null })).toMatchObject({
      status: 'unchanged',
      document_id: first.document_id,
    });
    const made = await app.post('/v1/collections', {
      name: 'nulls',
      embedding_model: null,
      language: null,
      chunk: null,
      metadata: null,
    });
    expect(made.status).toBe(201);
    const search = await app.post('/v1/search', { query: 'document', collection: null, mode: null, max_results: null });
    expect(search.status).toBe(200);
    const question = {
      question: 'What is set?',
      collection: null,
      model: null,
      history: null,
      instructions: null,
      stream: null,
    };
    expect((await app.post('/v1/query', question)).status).toBe(200);
  });

  it('makes the default collection of a project once, whoever uses it first', async () => {
    const key = await app.createKey({ project: 'fresh' });
    const searches = Array.from({ length: 20 }, () => app.post('/v1/search', { query: 'anything' }, { key }));
    for (const search of await Promise.all(searches)) expect(await search.json()).toEqual({ results: [] });
    const { data } = (await (await app.get('/v1/collections', { key })).json()) as { data: { name: string }[] };
    expect(data.map((collection) => collection.name)).toEqual(['default']);
  });

  it('goes on when the embedder is overloaded for a while', async () => {
    await makeCollection('patient', { embedding_model: 'openai/text-embedding-3-small' });
    openAi.failWith(429, null, { 'retry-after': '0' }).times(2);
    openAi.failWith(500);
    const { job_id: job } = await index({
      source: 'p',
      collection: 'patient',
      content: 'This text is embedded later.',
    });
    expect(await app.waitForJob(job ?? '')).toMatchObject({ status: 'succeeded', progress: { done: 1, total: 1 } });
    await expectTrueStatistics();
  });

  it.each([[[null]], [['x']], [[1]], [[[]]], [[{}]], [[{ role: 'system', content: 'x' }]], ['x'], [{}]])(
    'refuses history %j',
    async (history) => {
      const response = await app.post('/v1/query', { question: 'A proper question?', history });
      expect(response.status).toBe(400);
    },
  );

  it.each([
    ['/v1/search', { query: ' \n' }],
    ['/v1/query', { question: '    ' }],
  ])('refuses a blank text on %s', async (path, body) => {
    expect((await app.post(path, body)).status).toBe(400);
  });

  it('fails the job when the embedder refuses, and leaves nothing', async () => {
    await makeCollection('refused', { embedding_model: 'openai/text-embedding-3-small' });
    openAi.failWith(400);
    const { job_id: job, document_id: id } = await index({
      source: 'r',
      collection: 'refused',
      content: 'This text will be refused.',
    });
    const over = await app.waitForJob(job ?? '');
    expect(over.status).toBe('failed');
    expect(await (await app.get(`/v1/documents/${id}`)).json()).toMatchObject({ status: 'failed', version: 0 });
    await expectTrueStatistics();
  });

  it('an alias of the offline embedder counts as the offline embedder', async () => {
    await makeCollection('aliased', { embedding_model: 'offline' });
    const { job_id: job } = await index({
      source: 'a',
      collection: 'aliased',
      content: 'Curlews probe the mud for worms and shrimps.',
    });
    await app.waitForJob(job ?? '');
    const reply = await app.post('/v1/query', {
      question: 'Do curlew probes land on the moon with muddy shrimp?',
      collection: 'aliased',
    });
    expect(reply.status).toBe(200);
  });

  it('finds nothing for a query without words', async () => {
    const reply = await app.post('/v1/search', { query: '%%%___\\\\\\' });
    expect(await reply.json()).toEqual({ results: [] });
  });

  it('answers what happens to a collection that is deleted while its documents are indexed', async () => {
    for (let round = 0; round < 4; round += 1) {
      const collection = `doomed-${String(round)}`;
      await makeCollection(collection);
      const replies = await Promise.all(
        Array.from({ length: 6 }, (_, n) =>
          index({
            collection,
            source: `d${String(n)}`,
            content: `Doomed text number ${String(n)} of round ${String(round)}.`,
          }),
        ),
      );
      await new Promise((resolve) => setTimeout(resolve, round * 25));
      const [removed, ...searches] = await Promise.all([
        app.delete(`/v1/collections/${collection}`),
        ...Array.from({ length: 5 }, () => app.post('/v1/search', { query: 'doomed text', collection })),
      ]);
      expect(removed.status).toBe(200);
      for (const search of searches) expect([200, 404]).toContain(search.status);
      const jobs = await Promise.all(replies.map((reply) => app.waitForJob(reply.job_id ?? '')));
      for (const job of jobs)
        expect([undefined, null, 'not_found', 'collection_not_found']).toContain(job.error?.code ?? null);
    }
    await expectTrueStatistics();
  });
});
