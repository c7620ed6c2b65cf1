import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { SemanticKeeper } from '../../src/chat/semantic-cache/semantic-keeper.service.js';
import { FakeAnthropic } from '../fakes/fake-anthropic.js';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import type { ScriptedReply } from '../fakes/scripted-reply.js';
import { type CallOptions, startTestApp, type TestApp } from '../support/test-app.js';

const REPLY: ScriptedReply = { pieces: ['It is', ' Paris.'], usage: { input: 10, output: 5 } };
const COST = (10 * 1 + 5 * 2) / 1_000_000;
const ASKED = 'What is the capital of France?';
const REWORDED = 'Could you please tell me what the capital of France is?';
const OTHER = 'What is the capital of Spain?';
const TOOLS = [{ type: 'function', function: { name: 'look', parameters: { type: 'object', properties: {} } } }];

const openAi = new FakeOpenAi();
const claude = new FakeAnthropic();
let app: TestApp;
let serial = 0;

describe('semantic cache', () => {
  beforeAll(async () => {
    await Promise.all([openAi.start(), claude.start()]);
    const semantic = { threshold: 0.7 };
    app = await startTestApp({
      gateway: {
        providers: {
          east: { type: 'openai-compatible', base_url: openAi.url, api_keys: ['sk-east'] },
          claude: { type: 'anthropic', base_url: claude.url, api_keys: ['sk-claude'] },
        },
        models: {
          asked: { targets: ['east/m'], caches: { semantic } },
          strict: { targets: ['east/m'], caches: { semantic: { threshold: 0.95 } } },
          other: { targets: ['east/n'], caches: { semantic } },
          'over-claude': { targets: ['claude/claude-sonnet-5'], caches: { semantic } },
          both: { targets: ['east/m'], caches: { semantic, exact: {} } },
          plain: { targets: ['east/m'] },
          never: { targets: ['east/m'], caches: { semantic: { use: 'never' } } },
        },
        prices: { 'east/m': { input: 1, output: 2 }, 'east/n': { input: 1, output: 2 } },
        caches: { semantic: { max_entries: 4, timeout_ms: 10_000 } },
      },
    });
  });

  beforeEach(async () => {
    for (const fake of [openAi, claude]) {
      fake.reset();
      fake.reply(REPLY).forever();
    }
    await app.nest.get(DataSource).query('delete from semantic_cache_entry');
  });

  afterAll(async () => {
    await app.close();
    await Promise.all([openAi.stop(), claude.stop()]);
  });

  type Told = Readonly<{ id: string; status: number; cache: string | null; cost: string | null; body: string }>;

  type Asking = CallOptions & { path?: string; on?: TestApp };

  /** Asks, and waits until the answer is kept if it is to be. */
  async function ask(question: string, rest: object = {}, options: Asking = {}): Promise<Told> {
    const { path = '/v1/chat/completions', on = app, headers, ...others } = options;
    serial += 1;
    const id = `semantic-${String(serial)}`;
    const messages = [{ role: 'user', content: question }];
    const asked = path.startsWith('/v1/chat/completions') ? { messages } : { message: question };
    const response = await on.post(
      path,
      { model: 'asked', ...asked, ...rest },
      { ...others, headers: { 'x-request-id': id, ...headers } },
    );
    const body = await response.text();
    await on.nest.get(SemanticKeeper).flush();
    return {
      id,
      status: response.status,
      cache: response.headers.get('x-trunkline-cache'),
      cost: response.headers.get('x-trunkline-cost-usd'),
      body,
    };
  }

  const HIT = /^semantic; similarity=0\.[789]\d$/;

  async function kept(): Promise<number> {
    const rows: { count: number }[] = await app.nest
      .get(DataSource)
      .query('select count(*)::int as count from semantic_cache_entry');
    return rows[0]?.count ?? 0;
  }

  describe('the semantic cache, over the built-in embedder', () => {
    it('gives the answer to a reworded question again, at no cost, and says so', async () => {
      const first = await ask(ASKED);
      const again = await ask(REWORDED);
      expect([first.cache, first.status]).toEqual(['miss', 200]);
      expect(again.cache).toMatch(HIT);
      expect(openAi.requests).toHaveLength(1);
      expect(JSON.parse(again.body)).toMatchObject({ choices: [{ message: { content: 'It is Paris.' } }] });
      expect(Number(again.cost)).toBe(0);
      const row = await app.ledgerRow(again.id);
      expect(row).toMatchObject({ status: 'succeeded', operation: 'chat', provider: 'east', model: 'm' });
      expect([Number(row.cost_usd), Number(row.saved_usd)]).toEqual([0, COST]);
      const embedding = await app.ledgerRow(`${again.id}-semantic-cache`);
      expect(embedding).toMatchObject({ status: 'succeeded', operation: 'embeddings', provider: 'local' });
    });

    it('gives the same question again without a vector', async () => {
      await ask(ASKED);
      const again = await ask(ASKED);
      expect(again.cache).toBe('semantic; similarity=1.00');
      const row = await app.get(`/v1/usage/requests/${again.id}-semantic-cache`);
      expect(row.status).toBe(404);
    });

    it.each([
      ['another name', 'What is the capital of Spain?'],
      ['a negation', 'What is not the capital of France?'],
      ['a number', 'What is the 2nd capital of France?'],
      ['a time', 'What was the capital of France?'],
      ['a question of another kind', 'Is the capital of France?'],
    ])('asks the model when the question differs in %s', async (_name, question) => {
      await ask(ASKED);
      expect((await ask(question)).cache).toBe('miss');
      expect(openAi.requests).toHaveLength(2);
    });

    it('goes by the threshold of the model', async () => {
      await ask(ASKED, { model: 'strict' });
      expect((await ask(REWORDED, { model: 'strict' })).cache).toBe('miss');
      const same = await ask('what is the capital of France', { model: 'strict' });
      expect(same.cache).toMatch(/similarity=(?:0\.9[5-9]|1\.00)$/);
    });

    it.each<[string, object]>([
      [
        'system prompt',
        {
          messages: [
            { role: 'system', content: 'Be brief.' },
            { role: 'user', content: REWORDED },
          ],
        },
      ],
      [
        'earlier messages',
        {
          messages: [
            { role: 'user', content: 'Hi' },
            { role: 'assistant', content: 'Yes?' },
            { role: 'user', content: REWORDED },
          ],
        },
      ],
      ['parameters', { temperature: 0.7 }],
      ['tools', { tools: TOOLS }],
      ['form of the answer', { response_format: { type: 'json_object' } }],
      ['model', { model: 'other' }],
      ['user', { user: 'somebody' }],
      ['vendor extras', { vendor_option: true }],
    ])('PEERS34 keeps requests apart that differ in their %s', async (_name, rest) => {
      await ask(ASKED);
      expect((await ask(REWORDED, rest)).cache).toBe('miss');
      expect(openAi.requests).toHaveLength(2);
    });

    it('PEERS33 keeps projects apart', async () => {
      const stranger = await app.createKey({ project: 'semantic stranger' });
      await ask(ASKED);
      expect((await ask(ASKED, {}, { key: stranger })).cache).toBe('miss');
      expect((await ask(REWORDED, {}, { key: stranger })).cache).toMatch(HIT);
      expect((await ask(REWORDED)).cache).toMatch(HIT);
      expect(openAi.requests).toHaveLength(2);
    });

    it('replays for streams what was not streamed, and the other way, on every surface', async () => {
      await ask(ASKED);
      const streamed = await ask(REWORDED, { stream: true });
      expect(streamed.cache).toMatch(HIT);
      expect(streamed.body).toContain('It is Paris.');
      expect(streamed.body.endsWith('data: [DONE]\n\n')).toBe(true);
      const native = await ask('Who wrote Hamlet?', { store: false }, { path: '/v1/chat/stream' });
      expect(native.body).toContain('done');
      const whole = await ask('Do you know who wrote Hamlet?', { store: false }, { path: '/v1/chat' });
      expect(whole.cache).toMatch(HIT);
      expect(JSON.parse(whole.body)).toMatchObject({ reply: 'It is Paris.', cost_usd: 0 });
      expect(openAi.requests).toHaveLength(2);
    });

    it('is off unless the model has it or the request asks for it', async () => {
      const wish = { path: '/v1/chat' };
      for (const rest of [
        { model: 'plain' },
        { model: 'never', cache: { semantic: true } },
        { cache: { semantic: false } },
      ]) {
        expect((await ask(ASKED, { store: false, ...rest }, wish)).cache).toBe('bypass');
      }
      expect(await kept()).toBe(0);
      const rest = { model: 'plain', store: false, cache: { semantic: true } };
      expect((await ask(ASKED, rest, wish)).cache).toBe('miss');
      expect((await ask(ASKED, rest, wish)).cache).toBe('semantic; similarity=1.00');
    });

    it('heeds what the request says of caches', async () => {
      const headers = (control: string): Asking => ({ headers: { 'cache-control': control } });
      expect((await ask(ASKED, {}, headers('no-store'))).cache).toBe('miss');
      expect(await kept()).toBe(0);
      expect((await ask(ASKED, {}, headers('no-cache'))).cache).toBe('bypass');
      expect(await kept()).toBe(1);
      expect((await ask(REWORDED, {}, headers('no-store'))).cache).toMatch(HIT);
      expect((await ask(REWORDED, {}, headers('no-cache'))).cache).toBe('bypass');
      await app.nest.get(DataSource).query(`update semantic_cache_entry set stored_at = now() - interval '60 seconds'`);
      expect((await ask(REWORDED, {}, { headers: { 'x-trunkline-cache-ttl': '30' } })).cache).toBe('miss');
    });

    it.each<[string, ScriptedReply, object]>([
      ['was cut', { ...REPLY, finishReason: 'length' }, {}],
      ['was filtered', { ...REPLY, finishReason: 'content-filter' }, {}],
      ['calls tools', { toolCalls: [{ id: 'c1', name: 'look', arguments: {} }] }, { tools: TOOLS }],
    ])('never keeps an answer that %s', async (_name, reply, rest) => {
      openAi.reset();
      openAi.reply(reply).forever();
      expect((await ask(ASKED, rest)).status).toBe(200);
      expect(await kept()).toBe(0);
    });

    it('has nothing to do with tool results, pictures, several answers and long texts', async () => {
      const call = { id: 'c1', type: 'function', function: { name: 'look', arguments: '{}' } };
      const afterTools = [
        { role: 'user', content: 'Look.' },
        { role: 'assistant', tool_calls: [call] },
        { role: 'tool', tool_call_id: 'c1', content: 'Nothing.' },
        { role: 'user', content: ASKED },
      ];
      for (const rest of [
        { messages: afterTools, tools: TOOLS },
        { n: 2 },
        { messages: [{ role: 'user', content: 'x '.repeat(1_500) }] },
      ]) {
        await ask(ASKED, rest);
      }
      expect(await kept()).toBe(0);
    });

    it('keeps so many answers for a project, and only as long as they last', async () => {
      for (const name of ['France', 'Spain', 'Italy', 'Greece', 'Malta', 'Cyprus'])
        await ask(`What is the capital of ${name}?`);
      expect(await kept()).toBe(4);
      expect((await ask('What is the capital of Cyprus?')).cache).toBe('semantic; similarity=1.00');
      await app.nest.get(DataSource).query('update semantic_cache_entry set expires_at = now()');
      expect((await ask('What is the capital of Cyprus?')).cache).toBe('miss');
    });

    it('keeps one answer to each question, however many ask it at once', async () => {
      const told = await Promise.all(Array.from({ length: 12 }, (_, index) => ask(index % 2 === 0 ? ASKED : OTHER)));
      expect(told.map(({ status }) => status)).toEqual(told.map(() => 200));
      expect(await kept()).toBe(2);
    });

    it('refuses who may not use the model, also when there is an answer', async () => {
      await ask(ASKED);
      const made = await app.post('/admin/keys', { name: 'listed', models: ['other'] });
      const { key } = (await made.json()) as { key: string };
      const refused = await ask(ASKED, {}, { key });
      expect([refused.status, JSON.parse(refused.body)]).toMatchObject([403, { error: { code: 'model_not_allowed' } }]);
      expect((await app.get(`/v1/usage/requests/${refused.id}-semantic-cache`)).status).toBe(404);
    });

    it('counts a request once, with its embedding', async () => {
      const made = await app.post('/admin/keys', { name: 'slow', limits: { requests_per_minute: 3 } });
      const { key } = (await made.json()) as { key: string };
      const statuses = [];
      for (const question of [ASKED, REWORDED, OTHER, OTHER]) statuses.push((await ask(question, {}, { key })).status);
      expect(statuses).toEqual([200, 200, 200, 429]);
    });

    it('lies behind the exact cache, which keeps none of its answers', async () => {
      const model = 'both';
      expect((await ask('Who painted Guernica?', { model })).cache).toBe('miss');
      expect((await ask('Who painted Guernica?', { model })).cache).toBe('hit');
      const told = await Promise.all(
        Array.from({ length: 6 }, () => ask('Do you know who painted Guernica?', { model })),
      );
      for (const { cache } of told) expect(cache).toMatch(HIT);
      expect((await ask('Do you know who painted Guernica?', { model })).cache).toMatch(HIT);
      expect(openAi.requests).toHaveLength(1);
    });

    it('works for providers of another dialect', async () => {
      await ask(ASKED, { model: 'over-claude' });
      expect((await ask(REWORDED, { model: 'over-claude' })).cache).toMatch(HIT);
      expect(claude.requests).toHaveLength(1);
    });
  });
});
