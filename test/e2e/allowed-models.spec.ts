import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import { ChatSocketClient } from '../support/chat-socket.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

describe('A09 models of a key', () => {
  const openAi = new FakeOpenAi();
  let app: TestApp;

  beforeAll(async () => {
    await openAi.start();
    app = await startTestApp({
      gateway: {
        providers: {
          openai: { type: 'openai', base_url: openAi.url, api_keys: ['sk-fake-canary'], models: ['gpt-4o'] },
        },
        models: {
          mixed: { targets: ['openai/gpt-4o', 'local/extractive'] },
          single: { targets: ['openai/gpt-4o'] },
          rescued: { targets: ['openai/gpt-4o'], context_fallback: ['local/extractive'] },
        },
      },
    });
  });

  afterEach(() => {
    openAi.reset();
  });

  afterAll(async () => {
    await app.close();
    await openAi.stop();
  });

  const makeKey = async (models: string[] | null): Promise<{ id: string; key: string }> =>
    (await (await app.post('/admin/keys', { name: 'tried', models })).json()) as { id: string; key: string };
  const codeOf = async (response: Response): Promise<[number, unknown]> => {
    const { error } = (await response.json()) as { error?: { code: string } };
    return [response.status, error?.code];
  };
  const ask = (model: string | undefined, key: string): Promise<Response> =>
    app.post('/v1/chat/completions', { model, messages: [{ role: 'user', content: 'Hi' }] }, { key });

  it.each<[string[], string, number, string | undefined]>([
    [['openai/gpt-4o'], 'openai/gpt-4o', 200, undefined],
    [['openai/gpt-4o'], 'gpt-4o', 200, undefined],
    [['openai/gpt-4o'], 'single', 200, undefined],
    [['openai/*'], 'single', 200, undefined],
    [['single'], 'single', 200, undefined],
    [['mixed'], 'mixed', 200, undefined],
    [['single'], 'openai/gpt-4o', 403, 'model_not_allowed'],
    [['single'], 'gpt-4o', 403, 'model_not_allowed'],
    [['openai/gpt-4o'], 'mixed', 403, 'model_not_allowed'],
    [['openai/gpt-4o'], 'rescued', 403, 'model_not_allowed'],
    [['openai/gpt-4o'], 'openai/GPT-4o', 403, 'model_not_allowed'],
    [['openai/gpt-4o'], 'openai/gpt-4o-mini', 403, 'model_not_allowed'],
    [['local/*'], 'openai/gpt-4o', 403, 'model_not_allowed'],
    [['openai/*'], 'local/extractive', 403, 'model_not_allowed'],
    [['openai/*'], 'OpenAI/gpt-4o', 404, 'model_not_found'],
    [['openai/gpt-4o'], 'GPT-4o', 404, 'model_not_found'],
    [['openai/gpt-4o'], 'openai/gpt-4o ', 404, 'model_not_found'],
    [['openai/gpt-4o'], ' openai/gpt-4o', 404, 'model_not_found'],
    [['openai/*'], 'openai/', 404, 'model_not_found'],
    [['openai/gpt-4o'], 'openai/gpt-4o\u200b', 404, 'model_not_found'],
    [['openai/gpt-4o'], 'openai/gpt-4\u043e', 403, 'model_not_allowed'],
    [['openai/gpt-4o'], 'nothing', 404, 'model_not_found'],
  ])('with %j %s is %i', async (models, model, status, code) => {
    const { key } = await makeKey(models);
    expect(await codeOf(await ask(model, key))).toEqual([status, code]);
    expect(openAi.requests.length).toBe(status === 200 ? 1 : 0);
  });

  it('refuses NUL, and takes the last of two names for both questions', async () => {
    const { key } = await makeKey(['openai/gpt-4o']);
    expect(await codeOf(await ask('openai/gpt-4o\u0000', key))).toEqual([400, 'invalid_character']);
    const send = (first: string, last: string): Promise<Response> => {
      const text = `{"model":"${first}","messages":[{"role":"user","content":"Hi"}],"model":"${last}"}`;
      return app.request('POST', '/v1/chat/completions', { key, text });
    };
    expect((await send('openai/gpt-4o', 'local/extractive')).status).toBe(403);
    expect(openAi.requests).toHaveLength(0);
    expect((await send('local/extractive', 'openai/gpt-4o')).status).toBe(200);
    expect(openAi.requests.map(({ body }) => body.model)).toEqual(['gpt-4o']);
  });

  it('holds on every route that asks a model, also for the default one', async () => {
    const { key } = await makeKey(['none-of-these']);
    const bodies: [string, object][] = [
      ['/v1/chat/completions', { messages: [{ role: 'user', content: 'Hi' }], model: 'gpt-4o' }],
      ['/v1/chat', { message: 'Hi' }],
      ['/v1/chat/stream', { message: 'Hi' }],
      ['/v1/embeddings', { input: 'Hi', model: 'text-embedding-3-small' }],
      ['/v1/collections', { name: 'mine', embedding_model: 'openai/text-embedding-3-small' }],
      ['/v1/responses', { input: 'Hi', model: 'gpt-4o' }],
      ['/v1/responses', { input: 'Hi', model: 'single', store: false, stream: true }],
      ['/v1/completions', { prompt: 'Hi', model: 'gpt-4o' }],
      ['/v1/images/generations', { prompt: 'Hi', model: 'openai/gpt-image-1' }],
      ['/v1/audio/speech', { input: 'Hi', voice: 'alloy', model: 'openai/tts-1' }],
      ['/v1/moderations', { input: 'Hi', model: 'openai/omni-moderation-latest' }],
    ];
    for (const [path, body] of bodies) {
      const answer = await app.post(path, body, { key });
      expect([path, ...(await codeOf(answer))]).toEqual([path, 403, 'model_not_allowed']);
    }
    const message = { model: 'gpt-4o', max_tokens: 5, messages: [{ role: 'user', content: 'Hi' }] };
    for (const path of ['/v1/messages', '/v1/messages/count_tokens']) {
      const answer = await app.post(path, message, { key });
      expect(answer.status).toBe(403);
      expect(await answer.json()).toMatchObject({ type: 'error', error: { type: 'permission_error' } });
    }
    const socket = await ChatSocketClient.open(app.url, key);
    expect(await socket.ask('a', { message: 'Hi' })).toMatchObject({
      status: 403,
      error: { code: 'model_not_allowed' },
    });
    await socket.close();
    expect(openAi.requests).toHaveLength(0);
  });

  it('leaves the knowledge base to every key: models that run here need not be on the list', async () => {
    const { key } = await makeKey(['single']);
    const indexed = await app.post(
      '/v1/index',
      { source: 'a.md', content: 'The bar-tailed godwit flies far.' },
      { key },
    );
    const { job_id: job } = (await indexed.json()) as { job_id: string };
    expect(await app.waitForJob(job, { key })).toMatchObject({ status: 'succeeded' });
    const found = await app.post('/v1/search', { query: 'How far does the godwit fly?' }, { key });
    expect(found.status).toBe(200);
    expect(((await found.json()) as { results: unknown[] }).results).toHaveLength(1);
    const question = { question: 'How far does the godwit fly?', model: 'local/extractive' };
    expect(await codeOf(await app.post('/v1/query', question, { key }))).toEqual([403, 'model_not_allowed']);
    expect((await app.post('/v1/query', { ...question, model: 'single' }, { key })).status).toBe(200);
    expect(await codeOf(await ask('local/extractive', key))).toEqual([403, 'model_not_allowed']);
  });

  it('lists what the key may use, under the names that work', async () => {
    const listed = async (models: string[] | null): Promise<Record<string, string[]>> => {
      const { key } = await makeKey(models);
      const { data } = (await (await app.get('/v1/models', { key })).json()) as {
        data: { id: string; aliases: string[] }[];
      };
      return Object.fromEntries(data.map(({ id, aliases }) => [id, aliases]));
    };
    expect(Object.keys(await listed(null))).toEqual(expect.arrayContaining(['mixed', 'single', 'openai/gpt-4o']));
    expect(await listed(['mixed'])).toEqual({ mixed: [] });
    expect(await listed(['gpt-4o'])).toEqual({ 'gpt-4o': [] });
    const direct = await listed(['openai/gpt-4o']);
    expect(direct['openai/gpt-4o']).toEqual(['gpt-4o', 'single']);
    expect(direct).not.toHaveProperty('mixed');
    const { key } = await makeKey(['single']);
    expect((await app.get('/v1/models/single', { key })).status).toBe(200);
    expect(await codeOf(await app.get('/v1/models/mixed', { key }))).toEqual([403, 'model_not_allowed']);
    expect((await app.get('/v1/models/nothing', { key })).status).toBe(404);
  });

  it('is felt by the next request', async () => {
    const { id, key } = await makeKey(['openai/*']);
    expect((await ask('gpt-4o', key)).status).toBe(200);
    await app.request('PATCH', `/admin/keys/${id}`, { text: JSON.stringify({ models: ['local/*'] }) });
    expect((await ask('gpt-4o', key)).status).toBe(403);
  });
});
