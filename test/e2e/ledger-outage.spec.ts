import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import { createTestSchema, dropTestSchema, runsOnServer, type TestDatabase, withClient } from '../support/database.js';
import { readSse } from '../support/read-sse.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const STREAMS = 3;
const TRIES = 200;
const PAUSE_MS = 50;

if (!runsOnServer) {
  process.stdout.write('The outage of the database is left out: the embedded one lives and dies with its process.\n');
}

(runsOnServer ? describe : describe.skip)('the database away with requests under way', () => {
  const provider = new FakeOpenAi();
  let database: TestDatabase;
  let proxy: TcpProxy;
  let app: TestApp;
  let key: string;

  beforeAll(async () => {
    await provider.start();
    database = await createTestSchema();
    const url = new URL(database.url);
    proxy = new TcpProxy(url.hostname, Number(url.port));
    await proxy.open();
    url.host = proxy.address;
    app = await startTestApp({
      database: { ...database, url: url.href },
      gateway: {
        providers: { lab: { type: 'openai-compatible', base_url: provider.url, api_keys: ['sk'] } },
        prices: { 'lab/m': { input: 1, output: 2 } },
      },
    });
    const budgets = [{ window: 'total', amount_usd: 100 }];
    key = ((await (await app.post('/admin/keys', { name: 'k', budgets })).json()) as { key: string }).key;
  });

  afterAll(async () => {
    await app.close();
    await proxy.cut();
    await dropTestSchema(database);
    await provider.stop();
  });

  const ask = (mark: string, stream = false): Promise<Response> =>
    app.post(
      '/v1/chat/completions',
      { model: 'lab/m', stream, max_tokens: 50, messages: [{ role: 'user', content: 'Hello' }] },
      { key, headers: { 'x-request-id': mark } },
    );

  /** Asks until the answer has the status, and gives the number of tries. */
  async function askUntil(status: number): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      const response = await ask(`${String(status)}-${String(tries)}`);
      const text = await response.text();
      if (response.status === status) return;
      if (tries === TRIES) throw new Error(`Still ${String(response.status)}: ${text}`);
      await delay(PAUSE_MS);
    }
  }

  it('O01 lets streams under way finish, refuses new requests, and has a row for each when it is back', async () => {
    const stalls = Array.from({ length: STREAMS }, () => provider.stallAfter(2, { text: 'All of it, to the end.' }));
    const streams = await Promise.all(stalls.map((_, index) => ask(`stream-${String(index)}`, true)));
    await proxy.cut();
    await askUntil(503);
    for (const stall of stalls) stall.release();
    for (const stream of streams) expect((await readSse(stream)).at(-1)?.data).toBe('[DONE]');

    await proxy.open();
    await askUntil(200);
    const served = provider.requests.length;
    expect(served).toBeGreaterThan(STREAMS);
    const rows = await withClient(database, async (client) => {
      // The answer was there before the row is.
      for (;;) {
        const { rows } = await client.query<{ id: string; status: string }>(
          `select request_id as id, status from usage_request where status <> 'open' order by 1`,
        );
        if (rows.length >= served) return rows;
        await delay(PAUSE_MS);
      }
    });
    expect(rows).toHaveLength(served);
    expect(new Set(rows.map(({ status }) => status))).toEqual(new Set(['succeeded']));
    expect(rows.filter(({ id }) => id.startsWith('stream-'))).toHaveLength(STREAMS);
  });
});
