import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeGemini } from '../../../../test/fakes/fake-gemini.js';
import { SystemClock } from '../../../core/clock.js';
import type { EmbeddingRequest, EmbeddingResult } from '../../../core/embedding/embedding-request.js';
import type { JsonObject } from '../../../core/json.js';
import type { ProviderConfig } from '../../../config/gateway-config.js';
import type { AttemptContext } from '../../provider-adapter.js';
import { HttpTransport } from '../../transport/http-transport.js';
import { embedTexts } from './embed-texts.js';
import { GeminiAdapter } from './gemini-adapter.js';

const fake = new FakeGemini();
const transport = new HttpTransport(new SystemClock());

beforeAll(() => fake.start());
beforeEach(() => {
  fake.reset();
});
afterAll(async () => {
  await transport.close();
  await fake.stop();
});

type Type = 'gemini' | 'vertex';

function embed(
  type: Type,
  model: string,
  request: Partial<EmbeddingRequest>,
  signal = new AbortController().signal,
): Promise<EmbeddingResult> {
  const config = { type, baseUrl: fake.url, headers: {}, vertex: null } as unknown as ProviderConfig;
  const ms = 2_000;
  const attempt: AttemptContext = {
    callId: 'req_1',
    signal,
    apiKey: 'key',
    timeouts: { connectMs: ms, firstContentMs: ms, responseHeadMs: ms, idleMs: ms, bodyMs: ms, totalMs: ms },
    maxOutputTokens: null,
    warn: () => undefined,
    skipped: () => undefined,
    implausibleUsage: () => undefined,
  };
  return new GeminiAdapter(config, transport).embed(
    model,
    { model: 'alias', inputs: ['one', 'two words'], ...request },
    attempt,
  );
}

function fixture(name: string): JsonObject {
  const file = new URL(`../../../../test/fixtures/wire/gemini/${name}`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as JsonObject;
}

function answer(body: unknown): void {
  fake.rawBody('application/json', JSON.stringify(body));
}

describe(embedTexts.name, () => {
  it('embeds many texts at once through the Gemini API', async () => {
    answer(fixture('embeddings.json'));
    const result = await embed('gemini', 'gemini-embedding-001', { purpose: 'query' });
    expect(result.vectors.map((vector) => [...vector])).toEqual([
      [1, 0.5, -0.125],
      [0.25, -0.5, 1],
    ]);
    expect(result).toMatchObject({ model: 'gemini-embedding-001', usage: { input: 0, estimated: true } });
    expect(fake.requests).toMatchObject([
      { path: '/v1beta/models/gemini-embedding-001:batchEmbedContents', headers: { 'x-goog-api-key': 'key' } },
    ]);
    const request = (text: string): JsonObject => ({
      model: 'models/gemini-embedding-001',
      content: { parts: [{ text }] },
      taskType: 'RETRIEVAL_QUERY',
    });
    expect(fake.requests[0]?.body).toEqual({ requests: [request('one'), request('two words')] });
  });

  it('embeds through Vertex AI, counted by it', async () => {
    answer(fixture('embeddings-vertex.json'));
    const result = await embed('vertex', 'text-embedding-005', { purpose: 'document' });
    expect(result.vectors.map((vector) => vector[0])).toEqual([1, 0.25]);
    expect(result.usage).toMatchObject({ input: 9 });
    expect(result.usage.estimated).toBeUndefined();
    expect(fake.requests).toMatchObject([
      {
        path: '/v1/publishers/google/models/text-embedding-005:predict',
        body: {
          instances: [
            { content: 'one', task_type: 'RETRIEVAL_DOCUMENT' },
            { content: 'two words', task_type: 'RETRIEVAL_DOCUMENT' },
          ],
          parameters: { autoTruncate: false },
        },
      },
    ]);
  });

  it.each<[Type, string, number, string, number]>([
    ['gemini', 'gemini-embedding-001', 250, 'batchEmbedContents', 3],
    ['gemini', 'gemini-embedding-2', 101, 'batchEmbedContents', 2],
    ['vertex', 'gemini-embedding-001', 21, 'predict', 21],
    ['vertex', 'gemini-embedding-2', 21, 'embedContent', 21],
    ['vertex', 'text-embedding-005', 250, 'predict', 3],
  ])(
    '%s embeds by %s: %i texts by :%s in %i requests, in their order',
    async (type, model, count, method, requests) => {
      const inputs = Array.from({ length: count }, (_, index) => `text ${String(index)}`);
      const { vectors } = await embed(type, model, { inputs, dimensions: 8 });
      expect(fake.requests).toHaveLength(requests);
      expect(fake.requests.every(({ path }) => path.endsWith(`${model}:${method}`))).toBe(true);
      for (const index of [0, count - 1]) {
        const [alone] = (await embed(type, model, { inputs: [inputs[index] ?? ''], dimensions: 8 })).vectors;
        expect(vectors[index]).toEqual(alone);
      }
    },
  );

  it.each<[Type, string]>([
    ['gemini', 'gemini-embedding-001'],
    ['vertex', 'gemini-embedding-2'],
    ['vertex', 'text-embedding-005'],
  ])('brings shortened vectors of %s and %s back to length one', async (type, model) => {
    const { vectors } = await embed(type, model, { dimensions: 64 });
    for (const vector of vectors) {
      expect(vector).toHaveLength(64);
      expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
    }
  });

  it('says no task to models that take none', async () => {
    await embed('gemini', 'gemini-embedding-2', { purpose: 'query' });
    expect(JSON.stringify(fake.requests[0]?.body)).not.toContain('taskType');
  });

  it('refuses token numbers before it asks', async () => {
    const refused = embed('gemini', 'gemini-embedding-001', { inputs: ['one', [1, 2]] });
    await expect(refused).rejects.toMatchObject({ kind: 'invalid-request', param: 'input' });
    expect(fake.requests).toHaveLength(0);
  });

  it.each<[string, unknown]>([
    ['one vector too few', { embeddings: [{ values: [1] }] }],
    ['vectors of different lengths', { embeddings: [{ values: [1] }, { values: [1, 2] }] }],
    ['empty vectors', { embeddings: [{ values: [] }, { values: [] }] }],
    ['a number that is none', { embeddings: [{ values: [1] }, { values: [null] }] }],
    ['a number past what fits', { embeddings: [{ values: [1] }, { values: [1e300] }] }],
    ['something that is no vector', { embeddings: [{ values: [1] }, 7] }],
    ['no embeddings', {}],
    ['null', null],
  ])('F45: %s is malformed', async (_what, body) => {
    answer(body);
    await expect(embed('gemini', 'gemini-embedding-001', {})).rejects.toMatchObject({ kind: 'malformed' });
  });

  it.each<[string, (body: Record<string, unknown>) => unknown]>([
    ['no predictions', () => ({})],
    ['one too few', ({ predictions }) => ({ predictions: (predictions as unknown[]).slice(1) })],
    ['another length than was asked for', (body) => body],
  ])('F45: %s from Vertex AI is malformed', async (_what, edit) => {
    answer(edit(fixture('embeddings-vertex.json')));
    const embedded = embed('vertex', 'text-embedding-005', { dimensions: 4 });
    await expect(embedded).rejects.toMatchObject({ kind: 'malformed' });
  });

  it.each([
    [429, 'rate-limited'],
    [400, 'invalid-request'],
    [500, 'server-error'],
    [404, 'model-not-found'],
  ])('a %i is %s, and ends the other requests', async (status, kind) => {
    fake.hang().times(3);
    fake.failWith(status);
    const inputs = ['a', 'b', 'c', 'd'];
    await expect(embed('vertex', 'gemini-embedding-001', { inputs })).rejects.toMatchObject({ kind, status });
    for (const request of fake.requests.slice(0, 3)) await fake.waitForClose(request);
  });

  it('F39, F16, F18: reads what is compressed, and nothing else than JSON', async () => {
    fake.gzip();
    expect((await embed('gemini', 'gemini-embedding-001', {})).vectors).toHaveLength(2);
    fake.html();
    await expect(embed('gemini', 'gemini-embedding-001', {})).rejects.toMatchObject({ kind: 'malformed' });
    fake.truncatedJson();
    await expect(embed('gemini', 'gemini-embedding-001', {})).rejects.toMatchObject({ kind: 'malformed' });
  });

  it('O13: closes its connections when it is cancelled', async () => {
    fake.hang();
    const controller = new AbortController();
    const embedded = embed('gemini', 'gemini-embedding-001', {}, controller.signal);
    await fake.waitForRequests(1);
    controller.abort();
    await expect(embedded).rejects.toMatchObject({ kind: 'aborted' });
    await fake.waitForClose();
  });

  it('F32: takes a usage only when it can be meant', async () => {
    const body = { embedding: { values: [1, 2] }, usageMetadata: { promptTokenCount: 7 } };
    answer(body);
    expect((await embed('vertex', 'gemini-embedding-2', { inputs: ['one'] })).usage).toMatchObject({ input: 7 });
    answer({ ...body, usageMetadata: { promptTokenCount: -7 } });
    const { usage } = await embed('vertex', 'gemini-embedding-2', { inputs: ['one'] });
    expect(usage).toMatchObject({ input: 0, estimated: true });
  });
});
