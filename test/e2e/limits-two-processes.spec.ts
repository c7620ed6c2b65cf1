import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import { createTestSchema, dropTestSchema, runsOnServer, type TestDatabase } from '../support/database.js';
import { ServerProcess } from '../support/server-process.js';

const START_MS = 90_000;
const KEY = 'two-processes-admin-key-0123456789';
const LIMIT = 60;
const REQUESTS = 160;
const MINUTE_MS = 60_000;
const MOST_TRIES = 3;
/** Longer than it usually takes; when a minute ends meanwhile it is done again. */
const ENOUGH_MS = 3_000;

if (!runsOnServer)
  process.stderr.write('Two processes need a PostgreSQL server (TEST_DATABASE_URL): their limits are not tested.\n');

(runsOnServer ? describe : describe.skip)('two processes on one PostgreSQL', () => {
  const fake = new FakeOpenAi();
  const servers: ServerProcess[] = [];
  let database: TestDatabase;
  let directory: string;

  beforeAll(async () => {
    await fake.start();
    database = await createTestSchema();
    directory = mkdtempSync(join(tmpdir(), 'trunkline-two-'));
    const config = join(directory, 'trunkline.yaml');
    const lab = { type: 'openai-compatible', base_url: fake.url, api_keys: ['sk-lab'] };
    writeFileSync(config, JSON.stringify({ providers: { lab } }));
    for (const name of ['one', 'other']) {
      const server = await ServerProcess.start({
        DATABASE_URL: database.url,
        DATABASE_SCHEMA: database.schema,
        DATABASE_POOL_SIZE: String(database.poolSize),
        TRUNKLINE_DATA_DIR: join(directory, name),
        TRUNKLINE_CONFIG: config,
        TRUNKLINE_ADMIN_KEY: KEY,
      });
      servers.push(server);
    }
  }, START_MS);

  afterAll(async () => {
    await Promise.all(servers.map((server) => server.end()));
    await dropTestSchema(database);
    await fake.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  function post(index: number, path: string, body: object, key: string): Promise<Response> {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const url = servers[index % servers.length]?.url ?? '';
    return fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  }

  async function statuses(): Promise<number[]> {
    const made = await post(0, '/admin/keys', { name: 'limited', limits: { requests_per_minute: LIMIT } }, KEY);
    const { key } = (await made.json()) as { key: string };
    const body = { model: 'lab/model', messages: [{ role: 'user', content: 'Hi.' }], max_tokens: 10 };
    return Promise.all(
      Array.from({ length: REQUESTS }, async (_, index) => {
        const response = await post(index, '/v1/chat/completions', body, key);
        await response.text();
        return response.status;
      }),
    );
  }

  it(`admit ${String(LIMIT)} requests a minute together, and not fewer than 57`, async () => {
    expect(new Set(servers.map(({ pid }) => pid)).size).toBe(2);
    for (let tries = 1; ; tries += 1) {
      const leftMs = MINUTE_MS - (Date.now() % MINUTE_MS);
      if (leftMs < ENOUGH_MS) await new Promise((resolve) => setTimeout(resolve, leftMs + 1));
      const minute = Math.floor(Date.now() / MINUTE_MS);
      fake.reset();
      const answered = await statuses();
      // Database and test run on one machine, so they know the same minutes.
      if (Math.floor(Date.now() / MINUTE_MS) !== minute && tries < MOST_TRIES) continue;
      const admitted = answered.filter((status) => status === 200).length;
      expect(new Set(answered)).toEqual(new Set([200, 429]));
      expect(admitted).toBeLessThanOrEqual(LIMIT);
      expect(admitted).toBeGreaterThanOrEqual(57);
      expect(fake.requests).toHaveLength(admitted);
      return;
    }
  });
});
