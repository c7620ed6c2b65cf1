import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { SemanticKeeper } from '../../src/chat/semantic-cache/semantic-keeper.service.js';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import { createTestSchema, dropTestSchema, runsOnServer, type TestDatabase, withClient } from '../support/database.js';
import { MeaningServer } from '../support/meaning-server.js';
import { type CallOptions, startTestApp, type TestApp } from '../support/test-app.js';

const LOOK_UP_MS = 1_500;
const AGE = 'How old is the universe?';
const AGE_REWORDED = 'What is the age of the universe?';

const openAi = new FakeOpenAi();
const meanings = new MeaningServer([['universe'], ['galaxy'], ['moon']]);
const why = runsOnServer ? '' : ' (skipped: two replicas need a PostgreSQL server, TEST_DATABASE_URL)';
const onServer = runsOnServer ? it : it.skip;
let database: TestDatabase;
let app: TestApp;
let serial = 0;

function start(): Promise<TestApp> {
  return startTestApp({
    database,
    gateway: {
      providers: {
        east: { type: 'openai-compatible', base_url: openAi.url, api_keys: ['sk-east'] },
        lab: { type: 'openai-compatible', base_url: meanings.url, api_keys: ['sk-lab'] },
      },
      models: {
        asked: { targets: ['east/m'], caches: { semantic: {} } },
        both: { targets: ['east/m'], caches: { exact: {}, semantic: {} } },
        worded: { targets: ['east/m'], caches: { semantic: { wording: 'same' } } },
      },
      prices: { 'east/m': { input: 1, output: 2 }, 'lab/meanings': { input: 0.5, output: 0 } },
      caches: { semantic: { embedding_model: 'lab/meanings', timeout_ms: LOOK_UP_MS } },
    },
    env: { TRUNKLINE_ADMIN_KEY: 'admin-key-of-the-semantic-cache' },
  });
}

describe('semantic cache embeddings', () => {
  beforeAll(async () => {
    database = await createTestSchema();
    await Promise.all([openAi.start(), meanings.start()]);
    app = await start();
  });

  beforeEach(async () => {
    openAi.reset();
    meanings.mood = 'well';
    await count('delete from semantic_cache_entry');
  });

  afterAll(async () => {
    await app.close();
    await Promise.all([openAi.stop(), meanings.stop()]);
    await dropTestSchema(database);
  });

  function count(sql: string): Promise<number> {
    return withClient(database, async (client) => (await client.query(sql)).rowCount ?? 0);
  }

  async function ask(
    question: string,
    model = 'asked',
    options: CallOptions & { on?: TestApp } = {},
  ): Promise<{ id: string; status: number; cache: string | null }> {
    serial += 1;
    const { on = app, ...others } = options;
    const id = `meaning-${String(serial)}`;
    const body = { model, messages: [{ role: 'user', content: question }] };
    const response = await on.post('/v1/chat/completions', body, { ...others, headers: { 'x-request-id': id } });
    await response.text();
    await on.nest.get(SemanticKeeper).flush();
    return { id, status: response.status, cache: response.headers.get('x-trunkline-cache') };
  }

  describe('the semantic cache, over an embedding model', () => {
    it('has nothing to do with what features ask, such as the text of an extraction', async () => {
      openAi.reply({ text: '{"age":1}' }).forever();
      const schema = { type: 'object', properties: { age: { type: 'integer' } }, required: ['age'] };
      for (const input of [AGE, AGE_REWORDED]) {
        const response = await app.post('/v1/extract', { model: 'asked', input, schema });
        expect([response.status, response.headers.get('x-trunkline-cache')]).toEqual([200, 'bypass']);
        await response.text();
        await app.nest.get(SemanticKeeper).flush();
      }
      expect(openAi.requests).toHaveLength(2);
      expect(await count('select from semantic_cache_entry')).toBe(0);
    });

    it('is not forced by one who asks the same at once on somebody who declines it', async () => {
      await ask(AGE, 'both');
      const statuses = await Promise.all(
        [{}, { semantic: false }].map(async (cache) => {
          const body = { model: 'both', message: AGE_REWORDED, store: false, cache };
          const response = await app.post('/v1/chat', body);
          await response.text();
          return response.headers.get('x-trunkline-cache');
        }),
      );
      expect(statuses).toEqual([expect.stringMatching(/^semantic;/), 'miss']);
      expect(openAi.requests).toHaveLength(2);
    });

    it('finds a question by its meaning, and bills each embedding in a row of its own', async () => {
      expect((await ask(AGE)).cache).toBe('miss');
      const again = await ask(AGE_REWORDED);
      expect(again.cache).toMatch(/^semantic; similarity=(?:0\.99|1\.00)$/);
      expect(openAi.requests).toHaveLength(1);
      const row = await app.ledgerRow(again.id);
      expect([Number(row.cost_usd), Number(row.saved_usd) > 0]).toEqual([0, true]);
      const embedding = await app.ledgerRow(`${again.id}-semantic-cache`);
      expect(embedding).toMatchObject({
        operation: 'embeddings',
        provider: 'lab',
        model: 'meanings',
        usage: { input_tokens: 10 },
      });
      expect(Number(embedding.cost_usd)).toBeCloseTo(5e-6, 9);
    });

    it.each([
      ['a number', 'What is the age of the 2 universes?'],
      ['a negation', 'What is not the age of the universe?'],
      ['a name', 'What is the age of the universe of Marvel?'],
      ['one word', 'How flat is the universe?'],
      ['the language', 'Wie alt ist das universe?'],
    ])('does not believe it when %s is different', async (_name, question) => {
      await ask(AGE);
      expect((await ask(question)).cache).toBe('miss');
    });

    it('wants the same words where the model says so', async () => {
      await ask(AGE, 'worded');
      expect((await ask(AGE_REWORDED, 'worded')).cache).toBe('miss');
      expect((await ask('Please tell me how old the universe is', 'worded')).cache).toMatch(/^semantic; /);
    });

    onServer(`is read on the other replica too${why}`, async () => {
      const other = await start();
      try {
        await ask(AGE);
        expect((await ask(AGE_REWORDED, 'asked', { on: other })).cache).toMatch(/^semantic; /);
        await Promise.all([ask('How big is the moon?'), ask('How big is the moon?', 'asked', { on: other })]);
        expect(await count(`select 1 from semantic_cache_entry`)).toBe(2);
      } finally {
        await other.close();
      }
    });

    it('asks the model when the database cannot be asked', async () => {
      await count('alter table semantic_cache_entry rename to put_away');
      try {
        expect(await ask(AGE)).toMatchObject({ status: 200, cache: 'bypass' });
      } finally {
        await count('alter table put_away rename to semantic_cache_entry');
      }
      expect((await ask(AGE)).cache).toBe('miss');
    });

    it('goes with its project', async () => {
      const made = await app.post('/admin/projects', { name: 'soon gone' });
      const { id } = (await made.json()) as { id: string };
      const keyed = await app.post('/admin/keys', { name: 'soon gone', project_id: id });
      const { key } = (await keyed.json()) as { key: string };
      await ask(AGE, 'asked', { key });
      await ask(AGE);
      expect(await count('select 1 from semantic_cache_entry')).toBe(2);
      expect((await app.delete(`/admin/projects/${id}`)).status).toBeLessThan(300);
      await until(async () => (await count('select 1 from semantic_cache_entry')) === 1);
    });

    it('lets go of the embedding when the client leaves', async () => {
      meanings.mood = 'hang';
      const before = meanings.served;
      const leaving = new AbortController();
      const answer = ask('Where is the moon?', 'asked', { signal: leaving.signal });
      await until(() => Promise.resolve(meanings.served > before));
      leaving.abort();
      await expect(answer).rejects.toThrow();
      expect(await app.ledgerRow(`meaning-${String(serial)}-semantic-cache`)).toMatchObject({ status: 'aborted' });
      expect(openAi.requests).toHaveLength(0);
    });

    // The last ones: behind the third failure nothing is asked for a while.
    it('asks the model when the embedding hangs or fails, and soon does not try any more', async () => {
      meanings.mood = 'hang';
      expect(await ask(AGE)).toMatchObject({ status: 200, cache: 'bypass' });
      meanings.mood = 'fail';
      expect(await ask(AGE)).toMatchObject({ status: 200, cache: 'bypass' });
      expect(await ask(AGE)).toMatchObject({ status: 200, cache: 'bypass' });
      const { served } = meanings;
      meanings.mood = 'well';
      expect(await ask(AGE)).toMatchObject({ status: 200, cache: 'bypass' });
      expect(meanings.served).toBe(served);
      expect(openAi.requests).toHaveLength(4);
    });
  });

  async function until(holds: () => Promise<boolean>): Promise<void> {
    const giveUpAt = performance.now() + 15_000;
    while (!(await holds())) {
      if (performance.now() > giveUpAt) throw new Error('It did not come to that.');
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
});
