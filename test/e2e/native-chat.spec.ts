import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import { readSse } from '../support/read-sse.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

describe('native chat and the ledger', () => {
  const openAi = new FakeOpenAi();
  let app: TestApp;

  beforeAll(async () => {
    await openAi.start();
    app = await startTestApp({
      gateway: {
        providers: {
          openai: { type: 'openai', base_url: openAi.url, api_keys: ['sk-fake'] },
          lab: { type: 'openai-compatible', base_url: openAi.url, api_keys: ['sk-lab'] },
        },
        models: { priced: { targets: ['lab/llama'] } },
        prices: { 'lab/llama': { input: 2, output: 10 } },
      },
    });
  });

  beforeEach(() => {
    openAi.reset();
  });

  afterAll(async () => {
    await app.close();
    await openAi.stop();
  });

  it('answers a message', async () => {
    openAi.reply({ text: 'Hello.', usage: { input: 1000, cachedInput: 0, output: 50 } });
    const reply = await app.post('/v1/chat', { model: 'priced', message: 'Hi', system: 'Be brief.' });
    expect(reply.status).toBe(200);
    expect(await reply.json()).toMatchObject({
      content: 'Hello.',
      reply: 'Hello.',
      model: 'llama',
      provider: 'lab',
      finish_reason: 'stop',
      usage: { input_tokens: 1000, output_tokens: 50, total_tokens: 1050 },
      cost_usd: 0.0025,
      cached: false,
    });
    expect(JSON.stringify(openAi.requests[0]?.body)).toContain('Be brief.');
  });

  it('streams start, deltas, done and [DONE]', async () => {
    openAi.reply({ pieces: ['One', ' two'], usage: { input: 100, output: 2 } });
    const frames = await readSse(await app.post('/v1/chat/stream', { model: 'priced', message: 'Count' }));
    expect(frames.at(-1)?.data).toBe('[DONE]');
    const events = frames.slice(0, -1).map((frame) => JSON.parse(frame.data) as Record<string, unknown>);
    expect(events.map((event) => event.type)).toEqual(['start', 'delta', 'delta', 'done']);
    expect(events.at(-1)).toMatchObject({ finish_reason: 'stop', model: 'llama', cost_usd: 0.00022 });
  });

  it('answers without any key of a vendor', async () => {
    const reply = await app.post('/v1/chat', { model: 'local/extractive', message: 'What can you do?' });
    expect(reply.status).toBe(200);
    expect(await reply.json()).toMatchObject({ provider: 'local', model: 'extractive', cost_usd: 0 });
  });

  it('never takes an unknown price for nothing', async () => {
    const reply = await app.post('/v1/chat', { model: 'lab/unheard-of', message: 'Hi' });
    expect(reply.headers.get('x-trunkline-cost-usd')).toBeNull();
    expect(await reply.json()).toMatchObject({ cost_usd: null });
    expect(await app.ledgerRow()).toMatchObject({ cost_usd: null, status: 'succeeded' });
  });

  it('F31 counts the tokens itself when the provider does not, and says so', async () => {
    openAi.noUsage({ text: 'Five words are in here.' });
    const reply = await app.post('/v1/chat', { model: 'priced', message: 'Say five words' });
    const body = (await reply.json()) as { usage: { output_tokens: number }; cost_usd: number };
    expect(body.usage.output_tokens).toBeGreaterThanOrEqual(5);
    expect(body.cost_usd).toBeGreaterThan(0);
    expect(await app.ledgerRow()).toMatchObject({ usage: { estimated: true } });
  });

  it('has one ledger row a request and one an attempt, refused requests none', async () => {
    openAi.failWith(500);
    openAi.reply({ text: 'Second try.', usage: { input: 10, output: 2 } });
    const reply = await app.post(
      '/v1/chat',
      { model: 'priced', message: 'Hi' },
      { headers: { 'x-request-id': 'ledger-1' } },
    );
    expect(reply.headers.get('x-request-id')).toBe('ledger-1');
    expect(reply.headers.get('x-trunkline-attempts')).toBe('2');
    const row = (await (await app.get('/v1/usage/requests/ledger-1')).json()) as Record<string, unknown>;
    expect(row).toMatchObject({
      status: 'succeeded',
      cost_usd: 0.00004,
      attempts: [
        { provider: 'lab', model: 'llama', outcome: 'failed', error_kind: 'server-error', cost_usd: 0 },
        { provider: 'lab', model: 'llama', outcome: 'succeeded', cost_usd: 0.00004 },
      ],
    });
    await app.post('/v1/chat', { message: '' }, { headers: { 'x-request-id': 'ledger-2' } });
    expect((await app.get('/v1/usage/requests/ledger-2')).status).toBe(404);
  });

  it.each([
    [{}, 'missing_required_parameter', 'message'],
    [{ message: 1 }, 'invalid_type', 'message'],
    [{ message: 'Hi', surprise: 1 }, 'unknown_parameter', 'surprise'],
    [{ message: 'Hi', temperature: 9 }, 'invalid_value', 'temperature'],
  ])('refuses %j', async (body, code, param) => {
    const response = await app.post('/v1/chat', body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { type: 'invalid_request_error', code, param } });
    expect(openAi.requests).toHaveLength(0);
  });
});
