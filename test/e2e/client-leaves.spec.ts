import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const MESSAGES = [{ role: 'user', content: 'Hello there' }];

describe('a client that leaves', () => {
  const provider = new FakeOpenAi();
  let app: TestApp;

  beforeAll(async () => {
    await provider.start();
    app = await startTestApp({
      gateway: {
        providers: { lab: { type: 'openai-compatible', base_url: provider.url, api_keys: ['sk-lab'] } },
        models: { alone: { targets: ['lab/m'] } },
      },
    });
  });

  beforeEach(() => {
    provider.reset();
  });

  afterAll(async () => {
    await app.close();
    await provider.stop();
  });

  describe.each([
    ['/v1/chat/completions', { messages: MESSAGES }],
    ['/v1/chat', { messages: MESSAGES, store: false }],
    ['/v1/messages', { messages: MESSAGES, max_tokens: 100 }],
    ['/v1/responses', { input: 'Hello there', store: false }],
    ['/v1/completions', { prompt: 'Hello there' }],
  ])('of %s', (path, body) => {
    it.each([true, false])('O13 closes the upstream within a second (stream: %s)', async (stream) => {
      if (stream) provider.stallAfter(1, { pieces: ['One', ' two'] });
      else provider.hang();
      const leave = new AbortController();
      const requestId = `leaves${path.replaceAll('/', '-')}-${String(stream)}`;
      const route = path === '/v1/chat' && stream ? '/v1/chat/stream' : path;
      const asked = { model: 'alone', ...body, ...(path === '/v1/chat' ? {} : { stream }) };
      const headers = { 'x-request-id': requestId };
      const pending = app.post(route, asked, { signal: leave.signal, headers });
      const request = await provider.nextRequest();
      if (stream) await pending;
      const leftAt = performance.now();
      leave.abort();
      await pending.catch(() => undefined);
      await provider.waitForClose(request);
      expect(performance.now() - leftAt).toBeLessThan(1_000);
      expect(await app.ledgerRow(requestId)).toMatchObject({ status: 'aborted', attempts: [{ outcome: 'aborted' }] });
      const { data } = (await (await app.get('/admin/providers')).json()) as {
        data: { provider: string; breaker: string }[];
      };
      expect(data.find(({ provider: name }) => name === 'lab')).toMatchObject({ breaker: 'closed' });
    });
  });
});
