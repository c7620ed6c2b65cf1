import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { deleteMany } from '../support/delete-many.js';
import { pdfEncrypted } from '../support/hostile-files.js';
import { IngestionApp, longText, SMALL } from '../support/ingestion-app.js';
import { uploadFiles } from '../support/upload-files.js';

describe('from a document to its chunks', () => {
  let bench: IngestionApp;

  beforeAll(async () => {
    bench = await IngestionApp.start();
  });

  beforeEach(() => {
    bench.reset();
  });

  afterAll(() => bench.close());

  it('tells of each stage what became of it, and tries a failed job again when asked to', async () => {
    const collection = await bench.makeCollection(SMALL);
    bench.openAi.reset();
    bench.openAi.failWith(400);
    const { job } = await bench.send(collection, 'A text that is refused first.');
    const failed = await bench.waitFor(job);
    expect(failed).toMatchObject({
      status: 'failed',
      stage: 'embedding',
      error: { code: 'upstream_rejected_request' },
      stages: [
        { name: 'chunking', status: 'done', attempts: 1, progress: { done: 1, total: 1 } },
        { name: 'embedding', status: 'failed', error: { code: 'upstream_rejected_request' } },
      ],
    });
    const again = await bench.app.request('POST', `/v1/jobs/${job}/retry`);
    expect(again.status).toBe(202);
    expect(await again.json()).toMatchObject({ id: job, status: 'queued', started_at: null, finished_at: null });
    const done = await bench.waitFor(job);
    expect(done.status).toBe('succeeded');
    expect(done.error).toBeUndefined();
    expect(done.stages).toMatchObject([
      { name: 'chunking', status: 'done', attempts: 2 },
      { name: 'embedding', status: 'done', attempts: 2 },
      { name: 'storing', status: 'done', attempts: 1, progress: { done: 1, total: 1 } },
    ]);
    const refused = await bench.app.request('POST', `/v1/jobs/${job}/retry`);
    expect(refused.status).toBe(409);
    expect(await refused.json()).toMatchObject({ error: { code: 'invalid_state' } });
    const chatOnly = await bench.app.createKey({ scopes: ['chat'] });
    expect((await bench.app.request('POST', `/v1/jobs/${job}/retry`, { key: chatOnly })).status).toBe(403);
  });

  it('embeds again only what a new version changed', async () => {
    const collection = await bench.makeCollection(SMALL);
    const section = (n: number, word: string): string =>
      `# Part ${String(n)}\n\n${`${word} sentence. `.repeat(90)}\n\n`;
    const parts = [1, 2, 3].map((n) => section(n, `word${String(n)}`));
    await bench.index(collection, parts.join(''), { document_id: 'reused' });
    const asked = bench.inputsAsked().filter((input) => input !== 'dimensions').length;
    expect(asked).toBeGreaterThanOrEqual(3);
    bench.openAi.reset();
    await bench.index(collection, [parts[0], section(2, 'wurd2'), parts[2]].join(''), { document_id: 'reused' });
    expect(bench.inputsAsked().length).toBeGreaterThan(0);
    expect(bench.inputsAsked().every((input) => input.includes('wurd2'))).toBe(true);
    const { chunks, vectors } = await bench.count(collection);
    expect(vectors).toEqual({ 0: chunks });
    expect(chunks).toBeGreaterThan(bench.inputsAsked().length);
  });

  it('sends a batch in parts to a server that takes few texts at once', async () => {
    const collection = await bench.makeCollection(SMALL);
    bench.openAi.reset();
    bench.openAi.failWith(400);
    await bench.index(collection, longText(40));
    const sizes = bench.openAi.requests.map(({ body }) => (body.input as string[]).length);
    expect(sizes.slice(1).reduce((sum, size) => sum + size, 0)).toBe(40);
    expect(sizes).toEqual([40, 20, 20]);
  });

  it('leaves nothing of a job that is cancelled while it waits for its embedder', async () => {
    const collection = await bench.makeCollection(SMALL);
    bench.openAi.reset();
    bench.openAi.reply({}).times(5);
    bench.openAi.failWith(401).forever();
    const { job } = await bench.send(collection, longText(300));
    await bench.untilJob(job, ({ status, stages }) => status === 'queued' && stages.some(({ error }) => error));
    expect((await bench.count(collection)).chunks).toBeGreaterThan(0);
    expect((await bench.app.delete(`/v1/jobs/${job}`)).status).toBe(200);
    expect(await bench.count(collection)).toEqual({ chunks: 0, vectors: {} });
    bench.openAi.reset();
    bench.app.resetProviders();
    expect((await bench.app.request('POST', `/v1/jobs/${job}/retry`)).status).toBe(202);
    expect((await bench.waitFor(job)).status).toBe('succeeded');
    expect(await bench.count(collection)).toEqual({ chunks: 300, vectors: { 0: 300 } });
  });

  it('lists the chunks of a document in their order', async () => {
    const content = longText(5);
    const id = await bench.index('default', content, { document_id: 'listed' });
    const first = (await (await bench.app.get(`/v1/documents/${id}/chunks?limit=3`)).json()) as ChunkPage;
    expect(first).toMatchObject({ object: 'list', has_more: true });
    expect(first.data.map(({ ordinal }) => ordinal)).toEqual([0, 1, 2]);
    const rest = (await (
      await bench.app.get(`/v1/documents/${id}/chunks?after=${first.last_id ?? ''}`)
    ).json()) as ChunkPage;
    expect(rest).toMatchObject({ has_more: false });
    for (const chunk of [...first.data, ...rest.data]) {
      expect(chunk.text).toBe(content.slice(chunk.start, chunk.end));
      expect(chunk.page).toBeNull();
    }
    expect(rest.data.at(-1)?.heading_path).toBeNull();
    for (const after of ['chunk_none', '%00']) {
      expect((await bench.app.get(`/v1/documents/${id}/chunks?after=${after}`)).status).toBe(400);
    }
    expect((await bench.app.get('/v1/documents/none/chunks')).status).toBe(404);
  });

  it('says that a file is gone which was deleted while it was read', async () => {
    const { body } = await uploadFiles(bench.app, [{ name: 'leaves.pdf', content: pdfEncrypted() }], {
      document_id: 'gone',
    });
    const job = body.job_id ?? '';
    expect(await bench.waitFor(job)).toMatchObject({ status: 'failed', error: { code: 'document_parse_failed' } });
    await bench.query(`delete from upload_piece where upload_id in (select id from upload where document_id = 'gone')`);
    expect((await bench.app.request('POST', `/v1/jobs/${job}/retry`)).status).toBe(202);
    expect(await bench.waitFor(job)).toMatchObject({ status: 'failed', error: { code: 'not_found' } });
    expect((await bench.app.delete('/v1/documents/gone')).status).toBe(200);
  });

  it('keeps a file that cannot be read once, however often it is sent', async () => {
    const jobs: string[] = [];
    for (let sent = 0; sent < 3; sent += 1) {
      const { body } = await uploadFiles(bench.app, [{ name: 'again.pdf', content: pdfEncrypted() }]);
      expect(await bench.waitFor(body.job_id ?? '')).toMatchObject({ error: { code: 'document_parse_failed' } });
      jobs.push(body.job_id ?? '');
    }
    const rows = `select version from upload where file_name = 'again.pdf'`;
    expect(await bench.query(rows)).toEqual([{ version: 3 }]);
    // The jobs before have nothing to read any more.
    expect((await bench.app.request('POST', `/v1/jobs/${jobs[0] ?? ''}/retry`)).status).toBe(202);
    expect(await bench.waitFor(jobs[0] ?? '')).toMatchObject({ status: 'failed', error: { code: 'not_found' } });
    expect(await bench.query(rows)).toEqual([{ version: 3 }]);
  });

  it('R14 leaves nothing of many documents that are deleted while others are indexed', async () => {
    const { stored, left } = await deleteMany(bench, 150);
    expect(stored).toEqual(Object.fromEntries(Object.keys(stored).map((table) => [table, 150])));
    expect(left).toEqual(Object.fromEntries(Object.keys(left).map((table) => [table, 0])));
  });

  it('mends counts that are wrong', async () => {
    const collection = await bench.makeCollection('local/lexical-384');
    await bench.index(collection, 'Herons wait for frogs in the reeds.');
    const { id } = await bench.show(collection);
    const before = await bench.query<object[]>(
      'select lexeme, df from lex_term where collection_id = $1 order by lexeme',
      [id],
    );
    await bench.query(`update lex_term set df = df + 7 where collection_id = $1 and lexeme = 'heron'`, [id]);
    await bench.query(`insert into lex_term values ('proj_default', $1, 'ghost', 3)`, [id]);
    await bench.query('update lex_stats set n = 99 where collection_id = $1', [id]);
    const asked = await bench.app.request('POST', `/v1/collections/${collection}/recount`);
    expect(asked.status).toBe(202);
    const job = await bench.waitFor(((await asked.json()) as { job_id: string }).job_id);
    expect(job.result).toMatchObject({ chunks: 1, corrected_terms: 2 });
    expect(
      await bench.query<object[]>('select lexeme, df from lex_term where collection_id = $1 order by lexeme', [id]),
    ).toEqual(before);
    expect(await bench.query('select n from lex_stats where collection_id = $1', [id])).toEqual([{ n: 1 }]);
  });
});

interface ChunkPage {
  data: {
    id: string;
    ordinal: number;
    text: string;
    start: number;
    end: number;
    page: null;
    heading_path: string | null;
  }[];
  first_id: string | null;
  last_id: string | null;
}
