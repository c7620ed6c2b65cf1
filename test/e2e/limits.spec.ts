import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import { createTestSchema, dropTestSchema, runsOnServer, type TestDatabase, withClient } from '../support/database.js';
import { redisUrl } from '../support/redis.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

interface Limits {
  requests_per_minute?: number;
  tokens_per_minute?: number;
  concurrency?: number;
}

const MODEL = 'lab/model';
const BODY = { model: MODEL, messages: [{ role: 'user', content: 'Hi.' }], max_tokens: 10 };
/** Longer than any of these tests usually takes; those that are slower are done again. */
const ENOUGH_MS = 3_000;
const MOST_TRIES = 3;

const PLACES: [string, Record<string, string>][] = [
  ['the database', {}],
  ...(redisUrl === null ? [] : ([['Redis', { REDIS_URL: redisUrl }]] as [string, Record<string, string>][])),
];

describe.each(PLACES)('limits that are counted in %s', (_place, env) => {
  const fake = new FakeOpenAi();
  let database: TestDatabase;
  let apps: TestApp[];

  const gateway = () => ({
    providers: { lab: { type: 'openai-compatible', base_url: fake.url, api_keys: ['sk-lab'] } },
  });

  beforeAll(async () => {
    await fake.start();
    database = await createTestSchema();
    // The embedded database belongs to one process.
    apps = [await startTestApp({ gateway: gateway(), database, env })];
    if (runsOnServer) apps.push(await startTestApp({ gateway: gateway(), database, env }));
  });

  beforeEach(() => {
    fake.reset();
  });

  afterAll(async () => {
    for (const app of apps) await app.close();
    await dropTestSchema(database);
    await fake.stop();
  });

  async function until(holds: () => boolean): Promise<void> {
    const giveUpAt = performance.now() + 10_000;
    while (!holds()) {
      if (performance.now() > giveUpAt) throw new Error('It did not come to that.');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  const appAt = (index: number): TestApp => {
    const app = apps[index % apps.length];
    if (!app) throw new Error('No application was started.');
    return app;
  };

  async function createKey(limits: Limits, projectId?: string): Promise<string> {
    const response = await appAt(0).post('/admin/keys', { name: 'limited', project_id: projectId, limits });
    expect(response.status).toBe(201);
    return ((await response.json()) as { key: string }).key;
  }

  /** Of the counting clock; both clocks here are this machine's. */
  async function minuteNow(): Promise<{ number: number; leftMs: number }> {
    return withClient(database, async (client) => {
      const { rows } = await client.query<{ ms: string }>(
        'select (extract(epoch from clock_timestamp()) * 1000)::bigint as ms',
      );
      const ms = Number(rows[0]?.ms);
      return { number: Math.floor(ms / 60_000), leftMs: 60_000 - (ms % 60_000) };
    });
  }

  /** Does something that belongs into one clock minute, and does it again when a minute ended meanwhile. */
  async function inOneMinute(work: () => Promise<void>): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      const { number, leftMs } = await minuteNow();
      if (leftMs < ENOUGH_MS) await new Promise((resolve) => setTimeout(resolve, leftMs + 1));
      const minute = leftMs < ENOUGH_MS ? number + 1 : number;
      fake.reset();
      try {
        await work();
        return;
      } catch (error) {
        if (tries === MOST_TRIES || (await minuteNow()).number === minute) throw error;
      }
    }
  }

  const ask = (key: string, index = 0, body: object = BODY, signal?: AbortSignal) =>
    appAt(index).post('/v1/chat/completions', body, { key, signal });

  async function askMany(key: string, count: number): Promise<Response[]> {
    const all = await Promise.all(Array.from({ length: count }, (_, index) => ask(key, index)));
    await Promise.all(all.map((response) => response.text()));
    return all;
  }

  const admitted = (responses: readonly Response[]) => responses.filter(({ status }) => status === 200).length;

  it('60 requests a minute are 60, however many come, to whichever replica', () =>
    inOneMinute(async () => {
      const key = await createKey({ requests_per_minute: 60 });
      const responses = [...(await askMany(key, 40)), ...(await askMany(key, 100)), ...(await askMany(key, 20))];
      expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200, 429]));
      expect(admitted(responses)).toBeLessThanOrEqual(60);
      expect(admitted(responses)).toBeGreaterThanOrEqual(57);
      expect(fake.requests).toHaveLength(admitted(responses));
      const { headers } = await ask(key);
      expect(headers.get('x-ratelimit-limit-requests')).toBe('60');
      expect(headers.get('x-ratelimit-remaining-requests')).toBe('0');
      expect(headers.get('x-ratelimit-reset-requests')).toMatch(/^(\d+(\.\d+)?s|\d+ms|1m0s)$/);
      const waitMs = Number(headers.get('retry-after-ms'));
      expect(waitMs).toBeGreaterThan(0);
      expect(waitMs).toBeLessThanOrEqual(60_000);
      expect(headers.get('retry-after')).toBe(String(Math.ceil(waitMs / 1000)));
    }));

  it('the limits of a project are shared by its keys and surfaces', () =>
    inOneMinute(async () => {
      const made = await appAt(0).post('/admin/projects', { name: 'shared', limits: { requests_per_minute: 4 } });
      expect(made.status).toBe(201);
      const projectId = ((await made.json()) as { id: string }).id;
      const keys = [await createKey({}, projectId), await createKey({ requests_per_minute: 100 }, projectId)];
      const first = await ask(keys[0] ?? '', 0);
      const second = await ask(keys[1] ?? '', 1);
      expect([first.status, second.status]).toEqual([200, 200]);
      expect(second.headers.get('x-ratelimit-limit-requests')).toBe('4');
      expect(second.headers.get('x-ratelimit-remaining-requests')).toBe('2');
      const native = await appAt(1).post('/v1/chat', BODY, { key: keys[0] });
      const embedding = await appAt(0).post('/v1/embeddings', { model: MODEL, input: 'x' }, { key: keys[1] });
      expect([native.status, embedding.status]).toEqual([200, 200]);
      const refused = await ask(keys[1] ?? '', 1);
      expect(refused.status).toBe(429);
      expect(await refused.json()).toMatchObject({
        error: { code: 'rate_limit_exceeded', message: expect.stringContaining('4 requests a minute of this project') },
      });
    }));

  it('tokens are reserved by estimate and corrected by what was used', () =>
    inOneMinute(async () => {
      const key = await createKey({ tokens_per_minute: 1_000 });
      const large = { ...BODY, max_tokens: 700 };
      const first = await ask(key, 0, large);
      const { usage } = (await first.json()) as { usage: { total_tokens: number } };
      expect(first.headers.get('x-ratelimit-limit-tokens')).toBe('1000');
      // Both only fit because the first did not use what it might have used.
      for (const index of [0, 1]) {
        let response = await ask(key, index, large);
        // The other replica hears of a correction within a tenth of a second.
        for (let waits = 0; response.status === 429 && waits < 100; waits += 1) {
          await response.text();
          await new Promise((resolve) => setTimeout(resolve, 50));
          response = await ask(key, index, large);
        }
        expect(response.status).toBe(200);
        await response.text();
      }
      expect(usage.total_tokens).toBeLessThan(300);
      const tooLarge = await ask(key, 0, { ...BODY, max_tokens: 1_000 });
      expect(tooLarge.status).toBe(429);
      expect(tooLarge.headers.get('x-should-retry')).toBe('false');
      expect(tooLarge.headers.get('retry-after')).toBeNull();
      expect(await tooLarge.json()).toMatchObject({
        error: { code: 'rate_limit_exceeded', message: expect.stringContaining('more than the limit of 1000 tokens') },
      });
    }));

  it('requests under way are no more than the limit, and a client that leaves makes room', async () => {
    const key = await createKey({ concurrency: 2 });
    fake.hang().forever();
    const controllers = [new AbortController(), new AbortController()];
    const open = controllers.map((controller, index) => ask(key, index, BODY, controller.signal).catch(() => null));
    await until(() => fake.requests.length === 2);
    const refused = await ask(key, 1);
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after-ms')).toBe('1000');
    expect(await refused.json()).toMatchObject({ error: { code: 'concurrency_limit' } });
    controllers[0]?.abort();
    await open[0];
    fake.reset();
    let response = await ask(key, 1);
    for (let waits = 0; response.status === 429 && waits < 40; waits += 1) response = await ask(key, 1);
    expect(response.status).toBe(200);
    controllers[1]?.abort();
    await Promise.all(open);
  });

  it('one after another never meets a limit of one at once, whichever replica is next', async () => {
    const key = await createKey({ concurrency: 1 });
    const statuses = [];
    for (let index = 0; index < 20; index += 1) {
      const response = await ask(key, index);
      await response.text();
      statuses.push(response.status);
    }
    expect(statuses).toEqual(statuses.map(() => 200));
  });

  it('says nothing of limits where there are none', async () => {
    const response = await ask(await createKey({}));
    expect(response.status).toBe(200);
    expect([...response.headers.keys()].filter((name) => name.startsWith('x-ratelimit'))).toEqual([]);
  });
});

describe('a Redis that is not there', () => {
  it('is degraded, and limits hold without it', async () => {
    const app = await startTestApp({ env: { REDIS_URL: 'redis://127.0.0.1:9' } });
    try {
      const ready = await app.get('/health/ready');
      expect(ready.status).toBe(200);
      expect(await ready.json()).toMatchObject({ status: 'degraded', details: { redis: { status: 'degraded' } } });
      const made = await app.post('/admin/keys', {
        name: 'limited',
        limits: { concurrency: 1, requests_per_minute: 100 },
      });
      const { key } = (await made.json()) as { key: string };
      const asked = { model: 'local/extractive', messages: [{ role: 'user', content: 'Hi.' }] };
      const response = await app.post('/v1/chat/completions', asked, { key });
      expect(response.status).toBe(200);
      expect(response.headers.get('x-ratelimit-limit-requests')).toBe('100');
    } finally {
      await app.close();
    }
  });
});
