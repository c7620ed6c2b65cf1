import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { SemanticKeeper } from '../../src/chat/semantic-cache/semantic-keeper.service.js';
import type { CollectedSpan } from '../fakes/read-spans.js';
import { type CapturedLog, captureLog } from '../support/capture-log.js';
import { ChatSocketClient } from '../support/chat-socket.js';
import type { TestApp } from '../support/test-app.js';
import { clientTrace, treeOf, TraceWorld } from '../support/trace-world.js';

const DOCUMENT = {
  source: 'godwits.md',
  content: '# Godwits\n\nThe bar-tailed godwit flies 11,000 kilometres without a stop.',
};
const QUESTION = 'How far does the godwit fly without a stop?';

const world = new TraceWorld();
const { east, judge, collector } = world;
let log: CapturedLog;
let app: TestApp;

beforeAll(async () => {
  log = captureLog();
  app = await world.start({ LOG_LEVEL: 'info', OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' });
});
beforeEach(() => {
  world.reset();
});
afterAll(async () => {
  await app.close();
  await world.stop();
  log.stop();
});

/** Sends a body in a trace of the client's, and gives the answer and the spans. */
async function traced(path: string, body: object): Promise<{ answer: unknown; spans: CollectedSpan[] }> {
  const { id, headers } = clientTrace();
  const response = await app.post(path, body, { headers });
  const answer: unknown = await response.json();
  return { answer, spans: await world.trace(id) };
}

const isJob = ({ kind }: CollectedSpan): boolean => kind === 'consumer';

describe('documents', () => {
  it('are indexed by a job of its own, which knows the request that asked for it, and found below the answer', async () => {
    const { answer, spans } = await traced('/v1/index', DOCUMENT);
    expect(treeOf(spans)).toEqual(['server POST /v1/index']);
    const [job] = await collector.waitFor(isJob);
    expect(job).toMatchObject({ parentSpanId: '', links: [{ traceId: spans[0]?.traceId, spanId: spans[0]?.spanId }] });
    expect(job?.attributes).toMatchObject({
      'trunkline.job.id': (answer as { job_id: string }).job_id,
      'trunkline.job.outcome': 'succeeded',
    });
    expect(job?.traceId).not.toBe(spans[0]?.traceId);
    const below = collector.spans.filter(({ parentSpanId }) => parentSpanId === job?.spanId);
    expect(below.map(({ name }) => name)).toEqual(['embeddings lexical-384']);

    east.reply({ text: 'It flies 11,000 kilometres [1].' });
    const asked = await traced('/v1/query', { question: QUESTION });
    expect(asked.answer).toMatchObject({ answered: true });
    expect(treeOf(asked.spans)).toEqual([
      'server POST /v1/query',
      `  internal ${asked.spans.find(({ name }) => name.startsWith('retrieval'))?.name ?? '?'}`,
      '    internal embeddings lexical-384',
      '  client chat m',
    ]);
    expect(asked.spans.find(({ name }) => name.startsWith('retrieval'))?.attributes).toMatchObject({
      'gen_ai.operation.name': 'retrieval',
      'gen_ai.data_source.id': expect.any(String) as unknown,
      'trunkline.retrieval.hits': 1,
    });

    judge.favourite = 'godwit';
    const search = { query: QUESTION, rerank: { model: 'judge/jina-reranker-v2' } };
    const ranked = await traced('/v1/search', search);
    expect(treeOf(ranked.spans)).toEqual([
      'server POST /v1/search',
      `  internal ${ranked.spans.find(({ name }) => name.startsWith('retrieval'))?.name ?? '?'}`,
      '    internal embeddings lexical-384',
      '    client rerank jina-reranker-v2',
    ]);
    expect(ranked.spans.find(({ name }) => name.startsWith('rerank'))?.attributes).toMatchObject({
      'gen_ai.operation.name': 'rerank',
      'gen_ai.provider.name': 'jina',
      'trunkline.attempt.outcome': 'succeeded',
    });
  });
});

describe('response caches', () => {
  it('are asked in spans of their own, and so is the model that finds questions like this one', async () => {
    const ask = async (content: string): Promise<string[]> => {
      const messages = [{ role: 'user', content }];
      const { spans } = await traced('/v1/chat/completions', { model: 'kept', messages });
      await app.nest.get(SemanticKeeper).flush();
      return treeOf(spans);
    };
    const question = 'What is the capital of France?';
    east.reply({ text: 'It is Paris.' });
    const asked = [
      'server POST /v1/chat/completions',
      '  internal cache_lookup exact',
      '  internal cache_lookup semantic',
      '    internal embeddings lexical-384',
    ];
    expect(await ask(question)).toEqual([...asked, '  client chat m']);
    expect(await ask('Could you please tell me what the capital of France is?')).toEqual(asked);
    expect(await ask(question)).toEqual(asked.slice(0, 2));
  });
});

describe('tools', () => {
  it('are spans between the answers of the model, without their arguments', async () => {
    east.reply({ toolCalls: [{ name: 'http_weather', arguments: { city: 'Secretville' } }] });
    east.reply({ text: 'It is warm.' });
    const body = { model: 'pair', message: 'How is it?', server_tools: ['http:weather'], store: false };
    const { spans } = await traced('/v1/chat', body);
    expect(treeOf(spans)).toEqual([
      'server POST /v1/chat',
      '  client chat m',
      '  internal execute_tool http:weather',
      '  client chat m',
    ]);
    expect(spans.find(({ name }) => name.startsWith('execute_tool'))?.attributes).toMatchObject({
      'gen_ai.tool.name': 'http:weather',
      'gen_ai.tool.type': 'extension',
      'gen_ai.tool.call.id': expect.any(String) as unknown,
      'trunkline.tool.outcome': 'succeeded',
    });
    expect(JSON.stringify(spans.map(({ attributes }) => attributes))).not.toContain('Secretville');
  });

  it('that a model makes up have no name', async () => {
    east.reply({ toolCalls: [{ name: 'made_up_by_it', arguments: {} }] });
    east.reply({ text: 'Then not.' });
    const body = { model: 'pair', message: 'How is it?', server_tools: ['http:weather'], store: false };
    const { spans } = await traced('/v1/chat', body);
    expect(treeOf(spans)).toContain('  internal execute_tool unknown !');
    expect(JSON.stringify(spans.map(({ attributes }) => attributes))).not.toContain('made_up_by_it');
  });
});

describe('messages of a socket', () => {
  it('are traces of their own, which know the request that opened it', async () => {
    const { id, headers } = clientTrace();
    const socket = await ChatSocketClient.open(app.url, app.adminKey, { headers: { ...headers } });
    east.reply({ text: 'Hello.' });
    await socket.ask('a', { message: 'Hi', model: 'pair', store: false });
    socket.socket.close();
    await socket.closed;
    const [message] = await collector.waitFor(({ name }) => name === 'WS /v1/chat/ws');
    const [opener] = await world.trace(id);
    expect(message).toMatchObject({ parentSpanId: '', links: [{ traceId: id, spanId: opener?.spanId }] });
    const spans = collector.spans.filter(({ traceId }) => traceId === message?.traceId);
    expect(treeOf(spans)).toEqual(['server WS /v1/chat/ws', '  client chat m']);
    expect(opener?.attributes).toMatchObject({ 'http.response.status_code': 101 });
  });
});

describe('lines of a batch', () => {
  it('are traces of their own, which know the job', async () => {
    east.reply({ text: 'Hello.' });
    const body = { model: 'pair', messages: [{ role: 'user', content: 'Hi' }] };
    const line = { custom_id: 'a', method: 'POST', url: '/v1/chat/completions', body };
    const form = new FormData();
    form.set('purpose', 'batch');
    form.set('file', new Blob([JSON.stringify(line)]), 'lines.jsonl');
    const sent = await fetch(`${app.url}/v1/files`, {
      method: 'POST',
      body: form,
      headers: { authorization: `Bearer ${app.adminKey}` },
    });
    const { id } = (await sent.json()) as { id: string };
    await traced('/v1/batches', { input_file_id: id, endpoint: line.url, completion_window: '24h' });
    const [root] = await collector.waitFor(({ name }) => name === 'batch line /v1/chat/completions');
    const [job] = await collector.waitFor(({ attributes }) => attributes['trunkline.job.kind'] === 'batch');
    expect(root).toMatchObject({ parentSpanId: '', links: [{ traceId: job?.traceId, spanId: job?.spanId }] });
    const spans = collector.spans.filter(({ traceId }) => traceId === root?.traceId);
    expect(treeOf(spans)).toEqual(['internal batch line /v1/chat/completions', '  client chat m']);
  });
});

describe('the log', () => {
  it('names the trace of a request', async () => {
    const from = log.text().length;
    const { id, headers } = clientTrace();
    const response = await app.get('/v1/models', { headers });
    const requestId = response.headers.get('x-request-id') ?? '?';
    const lines = await log.lines(1, from);
    expect(JSON.parse(lines.find((line) => line.includes(requestId)) ?? '{}')).toMatchObject({ trace_id: id });
  });
});

describe('the metrics', () => {
  it('count the spans that were taken', async () => {
    await traced('/v1/embeddings', { model: 'local/lexical-384', input: 'a word' });
    expect(await (await app.get('/metrics')).text()).toMatch(/^trunkline_trace_spans_exported_total [1-9]/m);
  });
});
