import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { CollectedSpan } from '../fakes/read-spans.js';
import type { TestApp } from '../support/test-app.js';
import { clientTrace, treeOf, TraceWorld } from '../support/trace-world.js';

const PROMPT = 'Tell me of the hidden heron';
const MESSAGES = [{ role: 'user', content: PROMPT }];
const LEARNT = 20;

const world = new TraceWorld();
const { east, west, collector } = world;
let app: TestApp;

beforeAll(async () => {
  app = await world.start();
});
beforeEach(() => {
  world.reset();
  app.resetProviders();
});
afterAll(async () => {
  await app.close();
  await world.stop();
});

/** Asks for a chat in a trace of the client's, reads the answer to its end, and gives the spans. */
async function chat(body: object = {}, key?: string): Promise<{ spans: CollectedSpan[]; status: number }> {
  const trace = clientTrace();
  const { headers } = trace;
  const response = await app.post(
    '/v1/chat/completions',
    { model: 'pair', messages: MESSAGES, ...body },
    { headers, key },
  );
  await response.text();
  return { spans: await world.trace(trace.id), status: response.status };
}

const attempts = (spans: CollectedSpan[]): CollectedSpan[] => spans.filter(({ kind }) => kind === 'client');

describe('the trace of a chat', () => {
  it('has a span of the request and one of the attempt, by the conventions', async () => {
    east.reply({ text: 'A heron.', usage: { input: 30, cachedInput: 10, output: 5 } });
    const trace = clientTrace();
    const response = await app.post(
      '/v1/chat/completions',
      { model: 'pair', messages: MESSAGES, temperature: 0.5, max_tokens: 99 },
      { headers: { ...trace.headers, tracestate: 'vendor=1' } },
    );
    const answer = (await response.json()) as { id: string; model: string };
    const spans = await world.trace(trace.id);
    expect(treeOf(spans)).toEqual(['server POST /v1/chat/completions', '  client chat m']);
    const [server, attempt] = spans.sort((left, right) => Number(left.startNs - right.startNs));
    expect(server).toMatchObject({
      parentSpanId: trace.spanId,
      traceState: 'vendor=1',
      resource: { 'service.name': 'trunkline', 'deployment.environment.name': 'test', 'process.pid': process.pid },
      attributes: {
        'http.request.method': 'POST',
        'http.route': '/v1/chat/completions',
        'http.response.status_code': 200,
        'trunkline.request.id': response.headers.get('x-request-id'),
        'trunkline.provider': 'east',
        'trunkline.model': 'm',
        'trunkline.model.requested': 'pair',
        'trunkline.attempts': 1,
      },
    });
    expect(server?.attributes).not.toHaveProperty('error.type');
    expect(attempt?.attributes).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'east',
      'gen_ai.request.model': 'm',
      'gen_ai.request.temperature': 0.5,
      'gen_ai.request.max_tokens': 99,
      'gen_ai.response.model': expect.any(String) as unknown,
      'gen_ai.response.id': answer.id,
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.usage.output_tokens': 5,
      'server.address': '127.0.0.1',
      'server.port': Number(new URL(east.url).port),
      'trunkline.attempt.number': 1,
      'trunkline.attempt.reason': 'first',
      'trunkline.attempt.outcome': 'succeeded',
    });
    expect(attempt?.attributes).not.toHaveProperty('gen_ai.response.time_to_first_chunk');
  });

  it('says of a stream when its first content came', async () => {
    east.reply({ pieces: ['One', ' two'] });
    const { spans } = await chat({ stream: true });
    expect(treeOf(spans)).toEqual(['server POST /v1/chat/completions', '  client chat m']);
    expect(attempts(spans)[0]?.attributes).toMatchObject({
      'gen_ai.request.stream': true,
      'gen_ai.response.time_to_first_chunk': expect.any(Number) as unknown,
      'gen_ai.response.finish_reasons': ['stop'],
    });
  });

  it('shows a retry and a failover beside each other, with what went wrong', async () => {
    east.failWith(503);
    east.failWith(503);
    west.reply({ text: 'A heron.' });
    const { spans, status } = await chat();
    expect(status).toBe(200);
    expect(treeOf(spans)).toEqual([
      'server POST /v1/chat/completions',
      '  client chat m !',
      '  client chat m !',
      '  client chat m',
    ]);
    const told = attempts(spans).map(({ attributes: its }) => [
      its['trunkline.attempt.number'],
      its['trunkline.provider'],
      its['trunkline.attempt.reason'],
      its['error.type'],
      its['http.response.status_code'],
    ]);
    expect(told.sort()).toEqual([
      [1, 'east', 'first', 'overloaded', 503],
      [2, 'east', 'retry', 'overloaded', 503],
      [3, 'west', 'failover', undefined, undefined],
    ]);
  });

  it('shows a hedge, and that the slower one was cancelled', async () => {
    east.reply({ text: 'Quick.' }).forever();
    west.reply({ text: 'A heron.' }).forever();
    for (let count = 0; count < LEARNT; count += 1) {
      await (await app.post('/v1/chat/completions', { model: 'hedged', messages: MESSAGES })).text();
    }
    east.reset();
    east.hang();
    const { spans } = await chat({ model: 'hedged' });
    expect(treeOf(spans)).toEqual(['server POST /v1/chat/completions', '  client chat h', '  client chat h']);
    const told = attempts(spans).map(({ attributes: its }) => [
      its['trunkline.provider'],
      its['trunkline.attempt.reason'],
      its['trunkline.attempt.outcome'],
    ]);
    expect(told.sort()).toEqual([
      ['east', 'first', 'aborted'],
      ['west', 'hedge', 'succeeded'],
    ]);
  });

  it('shows who wrote the rest of an answer that had broken off', async () => {
    const pieces = ['A heron', ' stands', ' still', ' and waits.'];
    east.resetAfter(3, { pieces });
    // It is asked for the same once more.
    west.reply({ pieces });
    const { spans } = await chat({ model: 'lasting', stream: true });
    expect(treeOf(spans)).toEqual(['server POST /v1/chat/completions', '  client chat m !', '  client chat m']);
    const told = attempts(spans).map(({ attributes: its }) => [
      its['trunkline.attempt.number'],
      its['trunkline.provider'],
      its['trunkline.attempt.reason'],
      its['trunkline.attempt.outcome'],
    ]);
    expect(told.sort()).toEqual([
      [1, 'east', 'first', 'failed'],
      [2, 'west', 'continuation', 'succeeded'],
    ]);
  });

  it('ends when the client leaves, which is nobody’s failure', async () => {
    east.stallAfter(1);
    const trace = clientTrace();
    const leaving = new AbortController();
    const body = { model: 'pair', messages: MESSAGES, stream: true };
    const response = await app.post('/v1/chat/completions', body, { headers: trace.headers, signal: leaving.signal });
    await response.body?.getReader().read();
    leaving.abort();
    const spans = await world.trace(trace.id);
    expect(treeOf(spans)).toEqual(['server POST /v1/chat/completions', '  client chat m']);
    const [server] = spans.filter(({ kind }) => kind === 'server');
    expect(server?.attributes).toMatchObject({ 'error.type': 'client_gone' });
    expect(server?.attributes).not.toHaveProperty('http.response.status_code');
    expect(attempts(spans)[0]?.attributes).toMatchObject({ 'error.type': 'aborted' });
  });

  it('is a failure when the stream breaks after its head', async () => {
    east.resetAfter(1);
    const { spans } = await chat({ stream: true });
    expect(treeOf(spans)).toEqual(['server POST /v1/chat/completions !', '  client chat m !']);
    expect(spans.find(({ kind }) => kind === 'server')?.attributes).toMatchObject({
      'http.response.status_code': 200,
      'error.type': 'upstream_stream_interrupted',
    });
  });

  it('has no failure of ours where the client is refused', async () => {
    const { spans } = await chat({}, 'tk_wrong');
    expect(treeOf(spans)).toEqual(['server POST /v1/chat/completions']);
    expect(spans[0]?.attributes).toMatchObject({ 'http.response.status_code': 401, 'error.type': 'invalid_api_key' });
    const limited = await app.post('/admin/keys', { name: 'limited', limits: { requests_per_minute: 1 } });
    const { key } = (await limited.json()) as { key: string };
    east.reply({ text: 'A heron.' });
    await chat({}, key);
    const refused = await chat({}, key);
    expect(refused.status).toBe(429);
    expect(treeOf(refused.spans)).toEqual(['server POST /v1/chat/completions']);
    expect(refused.spans[0]?.attributes).toMatchObject({ 'error.type': 'rate_limit_exceeded' });
  });

  it('has only the beginning of what a client thought up', async () => {
    const long = `east/${'x'.repeat(240)}`;
    east.reply({ text: 'A heron.' });
    const trace = clientTrace();
    const headers = {
      ...trace.headers,
      'user-agent': 'a'.repeat(4_000),
      'x-trunkline-tags': 'secret-tag',
      tracestate: Array.from({ length: 33 }, (_, index) => `v${String(index)}=1`).join(','),
      baggage: `secret=${'b'.repeat(5_000)}`,
    };
    const body = { model: long, messages: MESSAGES };
    await (await app.post('/v1/chat/completions?note=in-the-query', body, { headers })).text();
    const spans = await world.trace(trace.id);
    expect(attempts(spans)).toHaveLength(1);
    for (const { name, attributes, traceState } of spans) {
      expect(traceState).toBe('');
      expect(name.length).toBeLessThan(300);
      for (const value of Object.values(attributes)) expect(String(value).length).toBeLessThanOrEqual(256);
      expect(JSON.stringify(attributes)).not.toMatch(/secret|in-the-query|bbbb/);
    }
  });

  it('never holds what was asked or answered, nor any secret', async () => {
    east.reply({ text: 'The heron hides.' });
    await chat({ user: 'somebody' });
    const all = JSON.stringify(collector.spans, (_key, value: unknown) => (typeof value === 'bigint' ? 0 : value));
    for (const secret of ['hidden heron', 'heron hides', 'sk-east-secret', 'very secret', app.adminKey, 'somebody']) {
      expect(all).not.toContain(secret);
    }
    expect(collector.exports[0]).toMatchObject({ path: '/v1/traces', headers: { 'x-collector-key': 'very secret' } });
  });
});

describe('the context of a trace', () => {
  it('goes on to the servers that are told of it, and to no other', async () => {
    const trace = clientTrace();
    const headers = { ...trace.headers, tracestate: 'vendor=1' };
    for (const model of ['east/m', 'west/m']) {
      await (await app.post('/v1/chat/completions', { model, messages: MESSAGES }, { headers })).text();
    }
    await collector.waitFor(({ traceId, kind }) => traceId === trace.id && kind === 'server', 2);
    const attempt = collector.spans.find(
      ({ attributes: its }) => its['trunkline.provider'] === 'west' && 'gen_ai.request.model' in its,
    );
    expect(west.requests[0]?.headers).toMatchObject({
      traceparent: `00-${trace.id}-${String(attempt?.spanId)}-01`,
      tracestate: 'vendor=1',
    });
    expect(Object.keys(east.requests[0]?.headers ?? {})).not.toContain('traceparent');
    expect(Object.keys(east.requests[0]?.headers ?? {})).not.toContain('tracestate');
  });

  it('is left out where the caller did not sample, and still passed on as that', async () => {
    const trace = clientTrace('00');
    const sampled = clientTrace();
    for (const { headers } of [trace, sampled]) {
      await (await app.post('/v1/chat/completions', { model: 'west/m', messages: MESSAGES }, { headers })).text();
    }
    await world.trace(sampled.id);
    expect(collector.spans.filter(({ traceId }) => traceId === trace.id)).toEqual([]);
    expect(west.requests[0]?.headers.traceparent).toMatch(new RegExp(`^00-${trace.id}-[0-9a-f]{16}-00$`));
  });

  it.each([
    ['nonsense', 'x'.repeat(5_000)],
    ['no ids', `00-${'0'.repeat(32)}-${'0'.repeat(16)}-01`],
    ['a version that is none', `ff-${'a'.repeat(32)}-${'b'.repeat(16)}-01`],
  ])('begins anew after %s', async (_name, traceparent) => {
    const response = await app.get('/v1/models', { headers: { traceparent, tracestate: '=,=,\u00ff' } });
    expect(response.status).toBe(200);
    const id = response.headers.get('x-request-id');
    const [span] = await collector.waitFor(({ attributes }) => attributes['trunkline.request.id'] === id);
    expect(span).toMatchObject({ parentSpanId: '', traceState: '', name: 'GET /v1/models' });
  });
});
