import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { FakeAnthropic } from '../fakes/fake-anthropic.js';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import { readSse } from '../support/read-sse.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const OPEN_MS = 400;

describe('failover', () => {
  const first = new FakeOpenAi();
  const second = new FakeAnthropic();
  let app: TestApp;
  let client: OpenAI;

  beforeAll(async () => {
    await Promise.all([first.start(), second.start()]);
    app = await startTestApp({
      gateway: {
        providers: {
          first: {
            type: 'openai-compatible',
            base_url: first.url,
            api_keys: ['sk-first'],
            breaker: { failure_ratio: 0.5, min_requests: 4, window_ms: 30_000, open_ms: OPEN_MS, probes: 1 },
          },
          second: { type: 'anthropic', base_url: second.url, api_keys: ['sk-second'] },
        },
        models: {
          both: {
            targets: ['first/model-a', 'second/claude-sonnet-5'],
            timeouts: { first_content_ms: 300, idle_ms: 400, connect_ms: 500 },
          },
          alone: { targets: ['first/model-b'], timeouts: { first_content_ms: 300, idle_ms: 400 } },
          breaking: { targets: ['first/model-c'] },
        },
      },
    });
    client = new OpenAI({ baseURL: `${app.url}/v1`, apiKey: app.adminKey, maxRetries: 0 });
  });

  beforeEach(() => {
    first.reset();
    second.reset();
    app.resetProviders();
  });

  afterAll(async () => {
    await app.close();
    await Promise.all([first.stop(), second.stop()]);
  });

  describe.each([true, false])('stream: %s', (stream) => {
    it.each([
      ['F09 answers 500', () => first.failWith(500).forever(), '3'],
      ['F10 answers 503 in HTML', () => first.html(503).forever(), '3'],
      ['F12 answers 401', () => first.failWith(401).forever(), '2'],
      ['F05 hangs', () => first.hang().forever(), '2'],
      ['F16 answers a page', () => first.html().forever(), '2'],
    ])('when the first target %s, the second answers', async (_fault, script, attempts) => {
      script();
      second.reply({ text: 'From the second.' });
      const { text, headers } = await ask(app, { model: 'both', stream });
      expect(text).toBe('From the second.');
      expect(headers.get('x-trunkline-attempts')).toBe(attempts);
      expect(headers.get('x-trunkline-provider')).toBe('second');
      expect(headers.get('x-trunkline-model')).toBe('second/claude-sonnet-5');
      expect(second.requests).toHaveLength(1);
    });

    it('F01 when the first target refuses, the second answers', async () => {
      await first.refuse();
      try {
        const { text, headers } = await ask(app, { model: 'both', stream });
        expect(text).toMatch(/^Echo/);
        expect(headers.get('x-trunkline-provider')).toBe('second');
      } finally {
        await first.start();
      }
    });
  });

  it('F13 does not go elsewhere with a request that is wrong', async () => {
    first.failWith(400);
    await expect(create(client, 'both')).rejects.toMatchObject({ status: 400, code: 'upstream_rejected_request' });
    expect(second.requests).toHaveLength(0);
  });

  it('opens the breaker, answers at once while it is open, probes once and closes', async () => {
    first.failWith(500).forever();
    for (let round = 0; round < 2; round += 1) {
      await expect(create(client, 'breaking')).rejects.toMatchObject({ status: 502 });
    }
    const served = first.requests.length;
    const startedAt = performance.now();
    const refused = await app.post('/v1/chat/completions', body('breaking', false));
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({ error: { code: 'no_healthy_upstream' } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(performance.now() - startedAt).toBeLessThan(200);
    expect(first.requests).toHaveLength(served);
    expect(await breakerOf(app, 'first', 'model-c')).toBe('open');

    first.reset();
    await waitFor(async () => (await app.post('/v1/chat/completions', body('breaking', false))).status === 200);
    expect(await breakerOf(app, 'first', 'model-c')).toBe('closed');
    expect((await create(client, 'breaking')).choices[0]?.message.content).toMatch(/^Echo/);
  });

  it.each([
    ['F24 reset', () => first.resetAfter(2, { pieces: ['One', ' two', ' three'] })],
    ['F25 cut', () => first.cutAfter(2, { pieces: ['One', ' two', ' three'] })],
    ['F22 stalled', () => first.stallAfter(2, { pieces: ['One', ' two', ' three'] })],
    ['F26 ended without a finish', () => first.noFinish({ pieces: ['One', ' two'] })],
  ])('a stream that is %s after content ends in an error frame, never in [DONE]', async (_fault, script) => {
    script();
    const response = await app.post('/v1/chat/completions', body('both', true));
    expect(response.status).toBe(200);
    const frames = await readSse(response);
    const last = JSON.parse(frames.at(-1)?.data ?? '{}') as object;
    expect(last).toMatchObject({
      error: { type: 'upstream_error', code: 'upstream_stream_interrupted', param: null },
    });
    expect(frames.some((frame) => frame.data === '[DONE]')).toBe(false);
    expect(frames.some((frame) => frame.data.includes('"finish_reason":"stop"'))).toBe(false);
    expect(frames.map((frame) => frame.data).join('')).toContain('One');
    expect(second.requests).toHaveLength(0);
  });

  it('the official client throws the late error', async () => {
    first.cutAfter(1, { pieces: ['One', ' two'] });
    const stream = await client.chat.completions.create({ model: 'both', stream: true, messages: [ask.message] });
    await expect(drain(stream)).rejects.toMatchObject({ code: 'upstream_stream_interrupted' });
  });

  it('a stream that breaks before content is answered by the second target', async () => {
    first.cutAfter(0).forever();
    const { text, headers } = await ask(app, { model: 'both', stream: true });
    expect(text).toMatch(/^Echo/);
    expect(headers.get('x-trunkline-provider')).toBe('second');
  });

  it.each([true, false])(
    'O13 the client leaves (stream: %s): the upstream is closed within a second',
    async (stream) => {
      if (stream) first.stallAfter(1, { pieces: ['One', ' two'] });
      else first.hang();
      const leave = new AbortController();
      const requestId = `leaves-${String(stream)}`;
      const headers = { 'x-request-id': requestId };
      const pending = app.post('/v1/chat/completions', body('alone', stream), { signal: leave.signal, headers });
      const request = await first.nextRequest();
      if (stream) await pending;
      const leftAt = performance.now();
      leave.abort();
      await pending.catch(() => undefined);
      await first.waitForClose(request);
      expect(performance.now() - leftAt).toBeLessThan(1_000);
      const ledger = await app.ledgerRow(requestId);
      expect(ledger).toMatchObject({ status: 'aborted', attempts: [{ outcome: 'aborted' }] });
      expect(await breakerOf(app, 'first', 'model-b')).toBe('closed');
    },
  );

  it('F04-F21 silence with nowhere else to go is 504', async () => {
    first.hang().forever();
    const response = await app.post('/v1/chat/completions', body('alone', true));
    expect(response.status).toBe(504);
    expect(await response.json()).toMatchObject({ error: { code: 'upstream_timeout' } });
    expect(first.requests).toHaveLength(1);
  });
});

function body(model: string, stream: boolean): object {
  return { model, stream, messages: [ask.message] };
}

async function ask(
  app: TestApp,
  options: { model: string; stream: boolean },
): Promise<{ text: string; headers: Headers }> {
  const response = await app.post('/v1/chat/completions', body(options.model, options.stream));
  if (response.status !== 200) throw new Error(`${String(response.status)}: ${await response.text()}`);
  if (!options.stream) {
    const reply = (await response.json()) as OpenAI.Chat.ChatCompletion;
    return { text: reply.choices[0]?.message.content ?? '', headers: response.headers };
  }
  const frames = await readSse(response);
  expect(frames.at(-1)?.data).toBe('[DONE]');
  const text = frames
    .slice(0, -1)
    .map((frame) => (JSON.parse(frame.data) as OpenAI.Chat.ChatCompletionChunk).choices[0]?.delta.content ?? '')
    .join('');
  return { text, headers: response.headers };
}
ask.message = { role: 'user' as const, content: 'Hello there' };

function create(client: OpenAI, model: string): Promise<OpenAI.Chat.ChatCompletion> {
  return client.chat.completions.create({ model, messages: [ask.message] });
}

async function drain(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _chunk of stream);
}

async function breakerOf(app: TestApp, provider: string, model: string): Promise<string | undefined> {
  const { data } = (await (await app.get('/admin/providers')).json()) as {
    data: { provider: string; model: string; breaker: string }[];
  };
  return data.find((target) => target.provider === provider && target.model === model)?.breaker;
}

async function waitFor(condition: () => Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + 5_000;
  while (!(await condition())) {
    if (performance.now() > giveUpAt) throw new Error('The condition did not come true within 5 s.');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
