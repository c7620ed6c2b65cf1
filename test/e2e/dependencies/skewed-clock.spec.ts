import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeOpenAi } from '../../fakes/fake-openai.js';
import {
  createTestSchema,
  dropTestSchema,
  runsOnServer,
  type TestDatabase,
  withClient,
} from '../../support/database.js';
import { readSse } from '../../support/read-sse.js';
import { ServerProcess } from '../../support/server-process.js';
import { faketimeLibrary, setSkew, startSkewed } from '../../support/skewed-process.js';

const KEY = 'skewed-clock-admin-key-0123456789';
const LIMIT = 10;
const MINUTE_MS = 60_000;
const HOUR_SECONDS = 3_600;
// Builds what is not built, and starts two.
const LONG_MS = 180_000;
const reason =
  faketimeLibrary === null ? 'there is no libfaketime' : runsOnServer ? null : 'the embedded database has one owner';

if (reason !== null) process.stdout.write(`A replica whose clock is wrong is left out: ${reason}.\n`);

(reason === null ? describe : describe.skip)('one of two replicas whose clock', () => {
  const fake = new FakeOpenAi();
  let database: TestDatabase;
  let directory: string;
  let servers: ServerProcess[] = [];

  beforeAll(async () => {
    await fake.start();
    database = await createTestSchema();
    directory = mkdtempSync(join(tmpdir(), 'trunkline-clock-'));
    const config = join(directory, 'trunkline.yaml');
    const gateway = {
      providers: { lab: { type: 'openai-compatible', base_url: fake.url, api_keys: ['sk'] } },
      prices: { 'lab/m': { input: 1, output: 2 } },
    };
    writeFileSync(config, JSON.stringify(gateway));
    const variables = (name: string): Record<string, string> => ({
      DATABASE_URL: database.url,
      DATABASE_SCHEMA: database.schema,
      TRUNKLINE_DATA_DIR: join(directory, name),
      TRUNKLINE_CONFIG: config,
      TRUNKLINE_ADMIN_KEY: KEY,
      METRICS_AUTH: 'false',
    });
    // One after the other: the second finds the database ready.
    const right = await ServerProcess.start(variables('right'));
    servers = [right, await startSkewed(variables('wrong'), skewFile())];
  }, LONG_MS);

  beforeEach(() => {
    setSkew(skewFile(), '+0');
    fake.reset();
  });

  afterAll(async () => {
    setSkew(skewFile(), '+0');
    await Promise.all(servers.map((server) => server.end()));
    await dropTestSchema(database);
    await fake.stop();
    rmSync(directory, { recursive: true, force: true });
  }, LONG_MS);

  const skewFile = (): string => join(directory, 'clock');
  const RIGHT = 0;
  const WRONG = 1;

  function send(index: number, path: string, body?: object, key = KEY): Promise<Response> {
    return fetch(`${servers[index]?.url ?? ''}${path}`, {
      method: body ? 'POST' : 'GET',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
  }

  async function createKey(index: number, terms: object): Promise<string> {
    const made = await send(index, '/admin/keys', { name: 'k', ...terms });
    expect(made.status).toBe(201);
    return ((await made.json()) as { key: string }).key;
  }

  async function ask(index: number, key: string, stream = false): Promise<Response> {
    const messages = [{ role: 'user', content: 'Hello' }];
    const response = await send(
      index,
      '/v1/chat/completions',
      { model: 'lab/m', stream, max_tokens: 5, messages },
      key,
    );
    return response;
  }

  const SKEWS: [string, string][] = [
    ['is an hour ahead', `+${String(HOUR_SECONDS)}`],
    ['is an hour behind', `-${String(HOUR_SECONDS)}`],
    ['stands still', '2026-01-01 00:00:00'],
  ];

  it.each(SKEWS)('%s admits no more and no fewer by a limit, before and after it jumps (O20)', async (_name, skew) => {
    const key = await createKey(RIGHT, {
      limits: { requests_per_minute: LIMIT },
      budgets: [{ window: 'day', amount_usd: 100 }],
    });
    const minute = Math.floor(Date.now() / MINUTE_MS);
    let admitted = 0;
    const round = async (count: number): Promise<number> => {
      let last = 0;
      for (let index = 0; index < count; index += 1) {
        const response = await ask(index % 2 === 0 ? WRONG : RIGHT, key);
        await response.text();
        last = response.status;
        if (last === 200) admitted += 1;
        else expect(last).toBe(429);
      }
      return last;
    };
    await round(4);
    setSkew(skewFile(), skew);
    await round(LIMIT);
    // Where the clock is put right again, nobody has been shut out, and nothing is filled up anew.
    setSkew(skewFile(), '+0');
    const last = await round(4);
    const minutes = 1 + Math.floor(Date.now() / MINUTE_MS) - minute;
    expect(admitted).toBeGreaterThanOrEqual(LIMIT - 1);
    expect(admitted).toBeLessThanOrEqual(minutes * LIMIT);
    if (minutes === 1) expect(last).toBe(429);
  });

  it.each(SKEWS)('%s in the middle of a stream ends it, and no duration is negative (O20)', async (_name, skew) => {
    const key = await createKey(RIGHT, {});
    const stall = fake.stallAfter(1, { text: 'To the end.' });
    const stream = await ask(WRONG, key, true);
    setSkew(skewFile(), skew);
    stall.release();
    expect((await readSse(stream)).at(-1)?.data).toBe('[DONE]');
    const id = stream.headers.get('x-request-id') ?? '';
    const durations = await withClient(database, async (client) => {
      for (;;) {
        const { rows } = await client.query<{ ms: number; attempt_ms: number; status: string }>(
          `select r.duration_ms as ms, a.duration_ms as attempt_ms, r.status from usage_request r
             join usage_attempt a on a.usage_request_id = r.id where r.request_id = $1 and r.status <> 'open'`,
          [id],
        );
        if (rows[0]) return rows[0];
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
    });
    expect(durations.status).toBe('succeeded');
    expect(Math.min(durations.ms, durations.attempt_ms)).toBeGreaterThanOrEqual(0);
    expect(durations.attempt_ms).toBeLessThan(HOUR_SECONDS * 500);
    const answer = await ask(WRONG, key);
    expect([answer.status, Number.parseInt(answer.headers.get('x-response-time') ?? '-1', 10) >= 0]).toEqual([
      200,
      true,
    ]);
  });

  it('is wrong keeps the expiry of keys by the clock of the database (O20)', async () => {
    const inHalfAnHour = new Date(Date.now() + (HOUR_SECONDS / 2) * 1_000).toISOString();
    const key = await createKey(RIGHT, { expires_at: inHalfAnHour });
    const old = await createKey(RIGHT, { expires_at: inHalfAnHour });
    await withClient(database, (client) =>
      client.query(`update api_key set expires_at = now() - interval '10 minutes' where id = $1`, [
        `key_${/^tl_(\w{24})_/.exec(old)?.[1] ?? ''}`,
      ]),
    );
    for (const [, skew] of SKEWS) {
      setSkew(skewFile(), skew);
      expect([(await ask(WRONG, key)).status, (await ask(WRONG, old)).status]).toEqual([200, 401]);
    }
  });

  it('is wrong says so in its metrics, where receivers refuse the timestamps of its webhooks (O20)', async () => {
    setSkew(skewFile(), `+${String(HOUR_SECONDS)}`);
    const skewOf = async (index: number): Promise<number> => {
      const text = await (await send(index, '/metrics')).text();
      return Number(/^trunkline_clock_skew_seconds (\S+)$/m.exec(text)?.[1]);
    };
    // It looks with every beat of its heart.
    while (Math.abs((await skewOf(WRONG)) - HOUR_SECONDS) > 30)
      await new Promise((resolve) => setTimeout(resolve, 200));
    expect(Math.abs(await skewOf(RIGHT))).toBeLessThan(2);
  });
});
