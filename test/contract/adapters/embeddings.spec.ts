import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EmbeddingRequest } from '../../../src/core/embedding/embedding-request.js';
import type { ProviderType } from '../../../src/config/gateway-config.js';
import { OpenAiAdapter } from '../../../src/providers/adapters/openai/openai-adapter.js';
import { createTransport, fixture, providerConfig, SMALL_LIMITS, testAttempt } from './adapter-under-test.js';
import { ScriptedServer, startTcpServer } from './scripted-server.js';

interface WireReply {
  data: { index?: number; embedding: unknown }[];
  usage?: unknown;
}

describe('embeddings of OpenAiAdapter', () => {
  const transport = createTransport();
  const server = new ScriptedServer();

  beforeAll(() => server.start());
  afterAll(async () => {
    await transport.close();
    await server.stop();
  });

  const request: EmbeddingRequest = { model: 'any', inputs: ['one', 'two'] };
  const adapter = (type: ProviderType = 'openai', url = server.url): OpenAiAdapter =>
    new OpenAiAdapter(providerConfig(type, `${url}/v1`), transport);
  const reply = (): WireReply => JSON.parse(fixture('openai', 'embeddings.json').toString()) as WireReply;
  const answer = (body: unknown): void => {
    server.answer = (response) => response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
  };
  const base64 = (numbers: unknown): string =>
    Buffer.from(Float32Array.from(numbers as number[]).buffer).toString('base64');

  it('asks OpenAI for base64 and puts the vectors in the order of the inputs', async () => {
    const wire = reply();
    for (const item of wire.data) item.embedding = base64(item.embedding);
    answer(wire);
    const result = await adapter().embed('m', request, testAttempt());
    expect(result.vectors.map((vector) => [...vector])).toEqual([
      [1, 0.5, -0.125],
      [0.25, -0.5, 1],
    ]);
    expect(result).toMatchObject({ model: 'text-embedding-3-small', usage: { input: 9 } });
    expect(server.requests.at(-1)).toMatchObject({
      path: '/v1/embeddings',
      body: { model: 'm', input: ['one', 'two'], encoding_format: 'base64' },
    });
  });

  it('asks compatible servers for numbers, and sends no credential where there is none', async () => {
    answer(reply());
    const result = await adapter('openai-compatible').embed('m', request, testAttempt({ apiKey: null }));
    expect(result.vectors).toHaveLength(2);
    expect(server.requests.at(-1)?.body.encoding_format).toBe('float');
    expect(server.requests.at(-1)?.headers.authorization).toBeUndefined();
  });

  it.each<[string, (wire: WireReply) => unknown]>([
    ['one vector too few', (wire) => ({ ...wire, data: wire.data.slice(1) })],
    ['one vector twice', (wire) => ({ ...wire, data: wire.data.map((item) => ({ ...item, index: 0 })) })],
    ['an index past the end', (wire) => ({ ...wire, data: wire.data.map((item, at) => ({ ...item, index: at + 1 })) })],
    ['vectors of different lengths', (wire) => edit(wire, [1])],
    ['an empty vector', (wire) => ({ ...wire, data: wire.data.map((item) => ({ ...item, embedding: [] })) })],
    ['a number that is none', (wire) => edit(wire, [1, null, 2])],
    ['a number past what fits', (wire) => edit(wire, [1, 1e300, 2])],
    ['NaN in base64', (wire) => edit(wire, base64([1, NaN, 2]))],
    ['base64 that is cut off', (wire) => edit(wire, base64([1, 2, 3]).slice(0, 14))],
    ['no data', () => ({})],
    ['null', () => null],
  ])('F45: %s is malformed', async (_what, change) => {
    answer(change(reply()));
    await expect(adapter().embed('m', request, testAttempt())).rejects.toMatchObject({ kind: 'malformed' });
  });

  it('F45: a length other than the one asked for is malformed', async () => {
    answer(reply());
    const asked = { ...request, dimensions: 4 };
    await expect(adapter().embed('m', asked, testAttempt())).rejects.toMatchObject({ kind: 'malformed' });
  });

  it('F31: a missing usage comes back as estimated', async () => {
    answer({ ...reply(), usage: undefined });
    expect((await adapter().embed('m', request, testAttempt())).usage.estimated).toBe(true);
  });

  it('sends a request of its own dialect on with its unknown fields', async () => {
    answer(reply());
    const source = {
      dialect: 'openai-embeddings' as const,
      body: { model: 'alias', input: ['one', 'two'], vendor_extra: { a: 1 }, encoding_format: 'base64' },
    };
    await adapter('openai-compatible').embed('m', { ...request, source }, testAttempt());
    expect(server.requests.at(-1)?.body).toEqual({ ...source.body, model: 'm' });
  });

  it.each([
    [429, { error: { message: 'Quota', type: 'insufficient_quota', code: 'insufficient_quota' } }, 'quota-exhausted'],
    [429, { error: { message: 'Slow down', type: 'requests', code: 'rate_limit_exceeded' } }, 'rate-limited'],
    [401, { error: { message: 'Incorrect API key provided' } }, 'authentication'],
    [400, { error: { message: 'Bad dimensions', param: 'dimensions' } }, 'invalid-request'],
    [500, {}, 'server-error'],
  ])('a %i with %j is %#', async (status, body, kind) => {
    server.answer = (response) =>
      response.writeHead(status, { 'content-type': 'application/json', 'retry-after': '7' }).end(JSON.stringify(body));
    const before = server.requests.length;
    await expect(adapter().embed('m', request, testAttempt())).rejects.toMatchObject({
      kind,
      status,
      retryAfterMs: 7000,
    });
    expect(server.requests.length).toBe(before + 1);
  });

  it('F01, F16, F18, F40: what breaks below the reply keeps its kind', async () => {
    const closed = await startTcpServer(() => undefined);
    closed.stop();
    const embed = (url?: string): Promise<unknown> => adapter('openai', url).embed('m', request, testAttempt());
    await expect(embed(closed.url)).rejects.toMatchObject({ kind: 'unreachable' });
    server.answer = (response) => response.setHeader('content-type', 'text/html').end('<html></html>');
    await expect(embed()).rejects.toMatchObject({ kind: 'malformed' });
    server.answer = (response) => response.setHeader('content-type', 'application/json').end('{"data":[');
    await expect(embed()).rejects.toMatchObject({ kind: 'malformed' });
    server.answer = (response) => response.writeHead(307, { location: '/elsewhere' }).end();
    await expect(embed()).rejects.toMatchObject({ kind: 'redirect' });
    server.answer = (response) =>
      response.setHeader('content-type', 'application/json').end('x'.repeat(SMALL_LIMITS.answerBytes + 1));
    await expect(embed()).rejects.toMatchObject({ kind: 'too-large' });
  });

  it('times out on a body that never ends, and closes the connection when cancelled', async () => {
    server.answer = (response) => response.setHeader('content-type', 'application/json').write('{');
    const slow = testAttempt({ timeouts: { bodyMs: 30 } });
    await expect(adapter().embed('m', request, slow)).rejects.toMatchObject({ kind: 'timeout' });

    const controller = new AbortController();
    const arrived = new Promise<void>((resolve) => {
      server.answer = () => {
        resolve();
      };
    });
    const outcome = adapter().embed('m', request, testAttempt({ signal: controller.signal }));
    await arrived;
    const closing = server.nextClose();
    controller.abort();
    await expect(outcome).rejects.toMatchObject({ kind: 'aborted' });
    await closing;
  });
});

function edit(wire: WireReply, embedding: unknown): WireReply {
  const [first, ...rest] = wire.data;
  return { ...wire, data: [{ ...first, embedding }, ...rest] };
}
