import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { IngestionApp, LARGE, longText, type ShownCollection, SMALL } from '../support/ingestion-app.js';

describe('the embedding model of a collection', () => {
  let bench: IngestionApp;

  beforeAll(async () => {
    bench = await IngestionApp.start();
  });

  beforeEach(() => {
    bench.reset();
  });

  afterAll(() => bench.close());

  it('changes the embedding model while searches and indexing go on', async () => {
    const collection = await bench.makeCollection(SMALL);
    for (let n = 0; n < 3; n += 1) {
      await bench.index(collection, `Document ${String(n)} is about subject ${String(n)}.`, {
        source: `s${String(n)}`,
      });
    }
    bench.openAi.reset();
    bench.openAi.reply({}); // the word that the model is tried with
    const stalled = bench.openAi.stallAfter(0);
    const asked = await bench.patch(collection, { embedding_model: LARGE });
    expect(asked.status).toBe(200);
    const { embedding_switch: change, ...kept } = (await asked.json()) as ShownCollection;
    expect(kept).toMatchObject({ embedding_model: SMALL, embedding_dimensions: 1536 });
    const job = change?.job_id ?? '';
    await bench.openAi.waitForRequests(2);
    const search = async (): Promise<number> => {
      const response = await bench.app.post('/v1/search', { query: 'Document 1 is about subject 1.', collection });
      expect(response.status).toBe(200);
      return ((await response.json()) as { results: unknown[] }).results.length;
    };
    expect(await search()).toBe(3);
    const other = await bench.patch(collection, { embedding_model: 'local/lexical-384' });
    expect(other.status).toBe(409);
    expect(await other.text()).toContain(job);
    await bench.index(collection, 'Document 3 came in between.', { source: 's3' });
    stalled.release();
    const done = await bench.waitFor(job);
    expect(done).toMatchObject({ status: 'succeeded', result: { embedding_model: LARGE, chunks: 4 } });
    expect(await bench.show(collection)).toMatchObject({
      embedding_model: LARGE,
      embedding_dimensions: 3072,
      embedding_switch: null,
    });
    expect(await bench.count(collection)).toEqual({ chunks: 4, vectors: { 1: 4 } });
    bench.openAi.reset();
    expect(await search()).toBe(4);
    expect(bench.openAi.requests.map(({ body }) => body.model)).toEqual(['text-embedding-3-large']);
    await bench.index(collection, 'Document 4 came later.', { source: 's4' });
    expect(await bench.count(collection)).toEqual({ chunks: 5, vectors: { 1: 5 } });
  });

  it.each([
    ['is cancelled', async (job: string): Promise<unknown> => bench.app.delete(`/v1/jobs/${job}`), 'cancelled'],
    ['is refused', () => Promise.resolve(), 'failed'],
  ])('keeps the old model when the change %s', async (_how, end, status) => {
    const collection = await bench.makeCollection(SMALL);
    await bench.index(collection, longText(60));
    bench.openAi.reset();
    bench.openAi.reply({}).times(2);
    if (status === 'failed') bench.openAi.failWith(400).forever();
    else bench.openAi.hang();
    const change = (await (await bench.patch(collection, { embedding_model: LARGE })).json()) as ShownCollection;
    const job = change.embedding_switch?.job_id ?? '';
    await bench.openAi.waitForRequests(3);
    await end(job);
    expect(await bench.waitFor(job)).toMatchObject({ status });
    expect(await bench.show(collection)).toMatchObject({ embedding_model: SMALL, embedding_switch: null });
    expect((await bench.count(collection)).vectors).toEqual({ 0: 60 });
    bench.openAi.reset();
    bench.app.resetProviders();
    const again = (await (await bench.patch(collection, { embedding_model: LARGE })).json()) as ShownCollection;
    expect(await bench.waitFor(again.embedding_switch?.job_id ?? '')).toMatchObject({ status: 'succeeded' });
    expect((await bench.count(collection)).vectors).toEqual({ 1: 60 });
  });

  it('takes another name of the same model, and any model for a collection without documents, at once', async () => {
    const named = await bench.makeCollection(SMALL);
    await bench.index(named, 'A text under the long name.');
    const renamed = (await (
      await bench.patch(named, { embedding_model: 'alias', name: 'renamed' })
    ).json()) as ShownCollection;
    expect(renamed).toMatchObject({ name: 'renamed', embedding_model: 'alias', embedding_switch: null });
    await bench.index('renamed', 'A text under the short name.', { source: 'b' });
    const key = await bench.app.createKey({ project: 'empty-collection' });
    await bench.app.post('/v1/search', { query: 'anything' }, { key });
    const changed = await bench.app.request('PATCH', '/v1/collections/default', {
      key,
      text: JSON.stringify({ embedding_model: SMALL, metadata: { a: 1 }, chunk: { size: 800 } }),
    });
    expect(await changed.json()).toMatchObject({
      embedding_model: SMALL,
      embedding_dimensions: 1536,
      embedding_switch: null,
      chunk: { size: 800, overlap: 0 },
      metadata: { a: 1 },
    });
  });

  it.each([
    [{ chunk: { size: 0 } }, 400],
    [{ chunk: { size: -1 } }, 400],
    [{ chunk: { size: 1e9 } }, 400],
    [{ chunk: { size: 'x' } }, 400],
    [{ chunk: { overlap: 800 } }, 400],
    [{ name: 'col_x' }, 400],
    [{ name: 'default' }, 409],
    [{ embedding_model: 'nowhere/none' }, 404],
    [{ colour: 'red' }, 400],
  ])('R09 refuses the change %j', async (body, status) => {
    const collection = await bench.makeCollection('local/lexical-384');
    await bench.app.post('/v1/search', { query: 'anything' });
    expect((await bench.patch(collection, body)).status).toBe(status);
  });
});
