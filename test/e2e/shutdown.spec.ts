import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { drainAndClose } from '../../src/shutdown.js';
import { fromItems } from '../../src/usage/ledger/ledger-entry.js';
import { LedgerStore } from '../../src/usage/ledger/ledger-store.js';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import { readSse } from '../support/read-sse.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

describe('shutdown', () => {
  const provider = new FakeOpenAi();
  let app: TestApp;

  beforeAll(async () => {
    await provider.start();
    app = await startTestApp({
      gateway: { providers: { lab: { type: 'openai-compatible', base_url: provider.url, api_keys: ['sk-lab'] } } },
      env: { DRAIN_SECONDS: '1', STREAM_COMMIT_MS: '100' },
    });
  });

  afterAll(async () => {
    await app.close();
    await provider.stop();
  });

  const stream = (): Promise<Response> =>
    app.post('/v1/chat/completions', { model: 'lab/m', stream: true, messages: [{ role: 'user', content: 'Hello' }] });

  it('lets short answers finish, tells the others why they end, and bills them all', async () => {
    const short = provider.stallAfter(2, { text: 'All of it.' });
    const finishing = await stream();
    provider.stallAfter(2, { text: 'Never all of it.' });
    const cut = await stream();
    provider.stallAfter(0);
    const silent = await stream();
    const insert = jest.spyOn(app.nest.get(LedgerStore), 'settle');
    const closing = drainAndClose(app.nest);
    short.release();
    const [whole, ...parts] = await Promise.all([finishing, cut, silent].map(readSse));
    await closing;
    expect(whole?.at(-1)?.data).toBe('[DONE]');
    for (const part of parts) {
      expect(JSON.parse(part.at(-1)?.data ?? '')).toMatchObject({ error: { code: 'server_shutting_down' } });
    }
    await expect(stream()).rejects.toThrow();
    await Promise.all(insert.mock.results.map(({ value }) => value as Promise<void>));
    const billed = insert.mock.calls.flatMap(([entries]) =>
      entries.flatMap(({ request }) => fromItems(request)).map((row) => [row.status, row.error_code ?? null]),
    );
    expect(billed).toEqual([
      ['succeeded', null],
      ['failed', 'server_shutting_down'],
      ['failed', 'server_shutting_down'],
    ]);
  }, 15_000);
});
