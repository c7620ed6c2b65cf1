import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ChatSocketLimits } from '../../src/chat-api/websocket/chat-socket-limits.js';
import { ChatSockets } from '../../src/chat-api/websocket/chat-sockets.service.js';
import { OpenCalls } from '../../src/http/open-calls.js';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import { type CapturedLog, captureLog } from '../support/capture-log.js';
import { ChatSocketClient, refusalOf } from '../support/chat-socket.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const ASK = { model: 'priced', message: 'Count to three' };

describe('the chat socket', () => {
  const openAi = new FakeOpenAi();
  const clients: ChatSocketClient[] = [];
  let log: CapturedLog;
  let app: TestApp;
  let key: { id: string; key: string };

  beforeAll(async () => {
    log = captureLog();
    await openAi.start();
    app = await startTestApp({
      env: { LOG_LEVEL: 'info', BODY_LIMIT: '1mb' },
      gateway: {
        providers: { openai: { type: 'openai', base_url: openAi.url, api_keys: ['sk-fake'] } },
        models: { priced: { targets: ['openai/gpt-4o-mini'] } },
      },
    });
    key = await makeKey();
  });

  beforeEach(() => {
    openAi.reset();
    limit({});
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) await client.close();
  });

  afterAll(async () => {
    await app.close();
    await openAi.stop();
    log.stop();
  });

  const limit = (limits: Partial<Record<keyof ChatSocketLimits, number>>): void => {
    Object.assign(app.nest.get(ChatSocketLimits), new ChatSocketLimits(), limits);
  };

  async function makeKey(terms: object = {}): Promise<{ id: string; key: string }> {
    return (await (await app.post('/admin/keys', { name: 'tried', ...terms })).json()) as { id: string; key: string };
  }

  async function connect(secret: string | null = key.key, options: object = {}): Promise<ChatSocketClient> {
    const client = await ChatSocketClient.open(app.url, secret, options);
    clients.push(client);
    return client;
  }

  it('answers a message with the frames of a stream, each with its id', async () => {
    openAi.reply({ pieces: ['One', ' two', ' three'], usage: { input: 100, output: 10 } });
    const client = await connect();
    const done = await client.ask('first', ASK);
    expect(client.frames[0]).toMatchObject({ id: 'first', type: 'start', request_id: expect.stringMatching(/^req_/) });
    expect(client.textOf('first')).toBe('One two three');
    expect(done).toMatchObject({ type: 'done', finish_reason: 'stop', cost_usd: 0.000021, model: 'gpt-4o-mini' });
    expect(client.frames.at(-1)).toBe(done);
    expect(client.frames.map(({ type }) => type)).not.toContain('[DONE]');
    const row = await app.ledgerRow(String(client.frames[0]?.request_id));
    expect(row).toMatchObject({ status: 'succeeded', cost_usd: 0.000021, key_id: key.id });
  });

  it.each<[string, (secret: string) => [string | null, object]]>([
    ['as a bearer', (secret) => [secret, {}]],
    ['as X-API-Key', (secret) => [null, { headers: { 'x-api-key': secret } }]],
    ['as a subprotocol', (secret) => [null, { protocols: ['trunkline', `key.${secret}`] }]],
    ['as a subprotocol, the other way round', (secret) => [null, { protocols: [`key.${secret}`, 'trunkline'] }]],
  ])('takes the key %s, and never gives it back', async (_name, ways) => {
    const client = await connect(...ways(key.key));
    expect(['', 'trunkline']).toContain(client.socket.protocol);
    expect(await client.ask('a', ASK)).toMatchObject({ type: 'done' });
  });

  it('tells a request that asks for no WebSocket how to come, and leaves other upgrades alone', async () => {
    const plain = await app.get('/v1/chat/ws');
    expect([plain.status, plain.headers.get('upgrade')]).toEqual([426, 'websocket']);
    expect(await plain.json()).toMatchObject({ error: { code: 'upgrade_required' } });
    expect((await app.get('/v1/chat/ws', { key: null })).status).toBe(401);
    expect((await app.post('/v1/chat/ws', {})).status).toBe(405);
  });

  it('answers several messages at once, each in its own time', async () => {
    const slow = openAi.stallAfter(1, { pieces: ['slow', ' one'] });
    const client = await connect();
    client.send({ type: 'message', id: 'slow', ...ASK });
    await client.find(({ id, type }) => id === 'slow' && type === 'delta');
    openAi.reply({ text: 'quick' });
    expect(await client.ask('quick', ASK)).toMatchObject({ type: 'done' });
    expect(client.frames.filter(({ id, type }) => id === 'slow' && type === 'done')).toEqual([]);
    slow.release();
    expect(await client.end('slow')).toMatchObject({ type: 'done' });
    expect([client.textOf('slow'), client.textOf('quick')]).toEqual(['slow one', 'quick']);
  });

  it('ends a message that is cancelled, closes its upstream, and bills what came', async () => {
    openAi.stallAfter(1, { pieces: ['One', ' two'] });
    const client = await connect();
    client.send({ type: 'message', id: 'a', ...ASK });
    const request = await openAi.nextRequest();
    await client.find(({ type }) => type === 'delta');
    client.send({ type: 'cancel', id: 'unknown' });
    client.send({ type: 'cancel', id: 'a' });
    const cancelled = await client.end('a');
    expect(cancelled).toMatchObject({ type: 'cancelled', request_id: expect.any(String) });
    expect(Number(cancelled.cost_usd)).toBeGreaterThan(0);
    await openAi.waitForClose(request);
    expect(await app.ledgerRow(String(cancelled.request_id))).toMatchObject({ status: 'aborted' });
    expect(await client.ask('a', ASK)).toBe(cancelled);
    await client.find(({ type }) => type === 'done');
  });

  it('ends every message when the client leaves', async () => {
    openAi.stallAfter(1);
    openAi.stallAfter(1);
    const client = await connect();
    client.send({ type: 'message', id: 'a', ...ASK });
    client.send({ type: 'message', id: 'b', ...ASK });
    const requests = [await openAi.nextRequest(), await openAi.nextRequest()];
    client.socket.terminate();
    for (const request of requests) await openAi.waitForClose(request);
    while (app.nest.get(OpenCalls).size > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  it('F24 tells a failure in band, with the id, and the socket stays open', async () => {
    openAi.resetAfter(1);
    const client = await connect();
    expect(await client.ask('a', ASK)).toMatchObject({
      type: 'error',
      status: 502,
      request_id: expect.stringMatching(/^req_/),
      error: { code: 'upstream_stream_interrupted', type: 'upstream_error', param: null, message: expect.any(String) },
    });
    expect(await client.ask('b', { model: 'no/such', message: 'Hi' })).toMatchObject({
      status: 404,
      error: { code: 'model_not_found' },
    });
    expect(await client.ask('c', ASK)).toMatchObject({ type: 'done' });
  });

  it('says what is wrong with a message, and goes on', async () => {
    const client = await connect();
    client.socket.send('{"type":');
    client.send({ type: 'ping', id: 'a' });
    client.send({ type: 'message', id: 'b', message: 'Hi', stream: true });
    expect(await client.end(null)).toMatchObject({ status: 400, error: { code: 'invalid_json' } });
    expect(await client.end('a')).toMatchObject({ error: { code: 'invalid_value', param: 'type' } });
    expect(await client.end('b')).toMatchObject({ error: { code: 'unknown_parameter', param: 'stream' } });
    expect(await client.ask('next', ASK)).toMatchObject({ type: 'done' });
    expect(openAi.requests).toHaveLength(1);
  });

  it('bounds what is under way on a socket, and refuses an id that is in use', async () => {
    limit({ messagesAtOnce: 2 });
    const hanging = [openAi.stallAfter(1), openAi.stallAfter(1)];
    const client = await connect();
    for (const id of ['a', 'b']) client.send({ type: 'message', id, ...ASK });
    await client.find(({ id, type }) => id === 'b' && type === 'delta');
    expect(await client.ask('c', ASK)).toMatchObject({
      status: 429,
      retry_after_ms: 1_000,
      error: { code: 'concurrency_limit' },
    });
    client.send({ type: 'message', id: 'a', ...ASK });
    expect(await client.end(null)).toMatchObject({ status: 409, error: { code: 'conflict', param: 'id' } });
    for (const gate of hanging) gate.release();
    expect([await client.end('a'), await client.end('b')]).toMatchObject([{ type: 'done' }, { type: 'done' }]);
    limit({ bytesAtOnce: 200 });
    const gate = openAi.stallAfter(1);
    client.send({ type: 'message', id: 'small', ...ASK });
    await client.find(({ id, type }) => id === 'small' && type === 'delta');
    const large = { ...ASK, message: 'x'.repeat(200) };
    expect(await client.ask('large', large)).toMatchObject({ error: { code: 'concurrency_limit' } });
    gate.release();
    await client.end('small');
    expect(await client.ask('alone', large)).toMatchObject({ type: 'done' });
  });

  it('H29 bounds the sockets of a key, and counts those that are gone no more', async () => {
    limit({ socketsPerKey: 3 });
    const { key: busy } = await makeKey();
    const open = await Promise.all(Array.from({ length: 20 }, () => connect(busy).catch(() => null)));
    const held = open.filter((client) => client !== null);
    expect(held).toHaveLength(3);
    const refused = await refusalOf(app.url, { headers: { 'x-api-key': busy } });
    expect([refused.status, refused.code, refused.headers['retry-after']]).toEqual([429, 'concurrency_limit', '1']);
    await connect();
    await held[0]?.close();
    while (app.nest.get(ChatSockets).size > 3) await new Promise((resolve) => setImmediate(resolve));
    expect(await (await connect(busy)).ask('a', ASK)).toMatchObject({ type: 'done' });
  });

  it('asks anew who is calling: a revoked key ends the socket after what is under way', async () => {
    const revoked = await makeKey();
    const gate = openAi.stallAfter(1, { pieces: ['One', ' two'] });
    const client = await connect(revoked.key);
    client.send({ type: 'message', id: 'a', ...ASK });
    await client.find(({ type }) => type === 'delta');
    await app.delete(`/admin/keys/${revoked.id}`);
    expect(await client.ask('b', ASK)).toMatchObject({ status: 401, error: { code: 'invalid_api_key' } });
    expect(await client.ask('c', ASK)).toMatchObject({ status: 401, error: { code: 'invalid_api_key' } });
    gate.release();
    expect(await client.end('a')).toMatchObject({ type: 'done' });
    expect(await client.closed).toEqual({ code: 1008, reason: 'The key is not valid any more.' });
    expect(client.textOf('a')).toBe('One two');
    expect(openAi.requests).toHaveLength(1);
  });

  it('goes by what the key may do now', async () => {
    const changed = await makeKey();
    const client = await connect(changed.key);
    expect(await client.ask('a', ASK)).toMatchObject({ type: 'done' });
    const patch = (terms: object): Promise<Response> =>
      app.request('PATCH', `/admin/keys/${changed.id}`, { text: JSON.stringify(terms) });
    await patch({ models: ['local/*'] });
    expect(await client.ask('b', ASK)).toMatchObject({ status: 403, error: { code: 'model_not_allowed' } });
    await patch({ models: null, scopes: ['embeddings'] });
    expect(await client.ask('c', ASK)).toMatchObject({ status: 403, error: { code: 'insufficient_scope' } });
    expect(await client.closed).toEqual({ code: 1008, reason: 'The key may not chat any more.' });
  });

  it('holds the limits and budgets of the key for each message', async () => {
    const limited = await makeKey({ limits: { concurrency: 1 } });
    const gate = openAi.stallAfter(1);
    const client = await connect(limited.key);
    client.send({ type: 'message', id: 'a', ...ASK });
    await client.find(({ type }) => type === 'delta');
    expect(await client.ask('b', ASK)).toMatchObject({ status: 429, error: { code: 'concurrency_limit' } });
    gate.release();
    await client.end('a');
    const poor = await connect((await makeKey({ budgets: [{ window: 'day', amount_usd: 0.0000000001 }] })).key);
    expect(await poor.ask('a', { ...ASK, max_tokens: 10 })).toMatchObject({
      status: 429,
      should_retry: false,
      error: { code: 'insufficient_quota' },
    });
  });

  it('counts and logs each message', async () => {
    const from = log.text().length;
    const client = await connect();
    const done = await client.ask('a', ASK);
    expect(done.type).toBe('done');
    await client.ask('b', { ...ASK, nonsense: 1 });
    const lines = (await log.lines(3, from)).map((line) => JSON.parse(line) as Record<string, unknown>);
    const route = '/v1/chat/ws';
    expect(lines).toEqual([
      expect.objectContaining({ method: 'GET', route, status: 101, key_id: key.id, error: null }),
      expect.objectContaining({ method: 'WS', route, status: 200, key_id: key.id, provider: 'openai', attempts: 1 }),
      expect.objectContaining({ method: 'WS', route, status: 400, key_id: key.id, error: 'unknown_parameter' }),
    ]);
    expect(log.text()).not.toContain(key.key);
    expect(new Set(lines.map(({ request_id: id }) => id)).size).toBe(3);
    await client.close();
    const metrics = await (await app.get('/metrics')).text();
    const shown = metrics.split('\n').filter((line) => line.includes('/v1/chat/ws"') || line.includes('websocket'));
    const seen = (...parts: string[]): boolean => shown.some((line) => parts.every((part) => line.includes(part)));
    const requests = 'trunkline_http_requests_total{';
    expect(seen(requests, 'method="WS"', 'status="200"', 'surface="native"')).toBe(true);
    expect(seen(requests, 'method="WS"', 'status="400"')).toBe(true);
    expect(seen(requests, 'method="GET"', 'status="101"')).toBe(true);
    expect(shown).toContain('trunkline_websocket_connections 0');
    expect(seen('trunkline_websocket_closes_total{code="1008"}')).toBe(true);
  });
});
