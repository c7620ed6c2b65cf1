import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeOpenAi } from '../../fakes/fake-openai.js';
import { exactReply } from '../money/money-bench.js';
import { hasRedisServer, OwnRedis } from '../../support/own-redis.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';

// Its tokens are counted as it counts them itself, so that what is reserved is what it costs.
const MODEL = 'openai/gpt-4o-mini';
const LIMIT = 5;
const MINUTE_MS = 60_000;
const BODY = { max_tokens: 1, messages: [{ role: 'user', content: 'Hello' }] };

const isThere = hasRedisServer();
if (!isThere) process.stdout.write('A sick Redis is left out: there is no redis-server to start.\n');

(isThere ? describe : describe.skip)('a Redis that is sick', () => {
  const lab = new FakeOpenAi();
  let redis: OwnRedis;
  let app: TestApp;
  let wasAbsent: string;
  /** What one question costs, which is what is reserved for it. */
  let costUsd: number;

  beforeAll(async () => {
    redis = await OwnRedis.reserve();
    await lab.start();
    // Nobody listens there yet.
    app = await startTestApp({
      gateway: {
        providers: { openai: { type: 'openai', base_url: lab.url, api_keys: ['sk'] } },
        models: { cached: { targets: [MODEL], caches: { exact: {} } } },
      },
      env: { REDIS_URL: redis.url },
    });
    wasAbsent = await redisStatus();
    await redis.start();
    lab.reply(exactReply);
    const response = await app.post('/v1/chat/completions', { model: MODEL, ...BODY });
    await response.text();
    costUsd = Number((await app.ledgerRow()).cost_usd);
  });

  beforeEach(async () => {
    lab.reset();
    lab.reply(exactReply).forever();
    await until(async () => (await redisStatus()) === 'up');
  });

  afterEach(async () => {
    redis.freeze(false);
    await redis.kill();
    await redis.start();
  });

  afterAll(async () => {
    await app.close();
    await redis.kill();
    await lab.stop();
  });

  async function redisStatus(): Promise<string> {
    const response = await app.get('/health/ready', { key: null });
    // Whatever Redis does, requests may come.
    expect(response.status).toBe(200);
    return ((await response.json()) as { details: Record<string, { status: string }> }).details.redis?.status ?? '';
  }

  async function until(holds: () => Promise<boolean>): Promise<void> {
    const giveUpAt = performance.now() + 20_000;
    while (!(await holds())) {
      if (performance.now() > giveUpAt) throw new Error('It did not come to that.');
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  async function createKey(terms: object): Promise<string> {
    const made = await app.post('/admin/keys', { name: 'k', ...terms });
    expect(made.status).toBe(201);
    return ((await made.json()) as { key: string }).key;
  }

  /** The codes of so many requests, one after another; `answered` for those that were let through. */
  async function codes(key: string, count: number): Promise<string[]> {
    const seen: string[] = [];
    for (let index = 0; index < count; index += 1) {
      const response = await app.post('/v1/chat/completions', { model: MODEL, ...BODY }, { key });
      const text = await response.text();
      seen.push(response.status === 200 ? 'answered' : (/"code":"(\w+)"/.exec(text)?.[1] ?? text));
    }
    return seen;
  }

  const count = (values: readonly string[], wanted: string): number =>
    values.filter((value) => value === wanted).length;

  it('O06 is not needed for a start', () => {
    expect(wasAbsent).toBe('degraded');
  });

  const faults: [string, string, () => unknown][] = [
    ['O06', 'is killed', () => redis.kill()],
    ['O06', 'is restarted', () => redis.kill().then(() => redis.start())],
    ['O06', 'is flushed', () => redis.command('FLUSHALL')],
    ['O06', 'became a replica that takes no writes', () => redis.command('REPLICAOF', '127.0.0.1', '1')],
    ['O06', 'is full', () => redis.command('CONFIG', 'SET', 'maxmemory', '1')],
    [
      'O07',
      'takes commands and answers none',
      () => {
        redis.freeze(true);
      },
    ],
  ];

  it.each(faults)('%s one that %s costs no answer, no limit and no money', async (_row, _name, begin) => {
    const limited = await createKey({ limits: { requests_per_minute: LIMIT } });
    const paying = await createKey({ budgets: [{ window: 'total', amount_usd: Number((4 * costUsd).toFixed(10)) }] });
    const minute = Math.floor(Date.now() / MINUTE_MS);
    const first = [await codes(limited, 3), await codes(paying, 2)];
    await begin();
    const caches = [await askCached(), await askCached()];
    const second = [await codes(limited, 2 * LIMIT), await codes(paying, 6)];
    const [limits = [], money = []] = first.map((values, index) => [...values, ...(second[index] ?? [])]);
    expect(new Set(limits)).toEqual(new Set(['answered', 'rate_limit_exceeded']));
    // What one place has counted the other does not know: at most as many again, and a minute may have ended.
    const places = 2 + Math.floor(Date.now() / MINUTE_MS) - minute;
    expect(count(limits, 'answered')).toBeGreaterThanOrEqual(LIMIT);
    expect(count(limits, 'answered')).toBeLessThanOrEqual(places * LIMIT);
    expect([count(money, 'answered'), count(money, 'insufficient_quota')]).toEqual([4, 4]);
    expect(caches[0]).toBe('miss');
  });

  it('O06 is said to be away by health and metrics, and so is who counts in its place', async () => {
    await redis.kill();
    await until(async () => (await redisStatus()) === 'degraded');
    await codes(await createKey({ limits: { requests_per_minute: LIMIT } }), 1);
    const text = await (await app.get('/metrics')).text();
    expect(text).toMatch(/^trunkline_limit_store_active\{store="database"\} 1$/m);
  });

  async function askCached(): Promise<string | null> {
    const response = await app.post('/v1/chat/completions', { model: 'cached', ...BODY, max_tokens: 1 });
    expect(response.status).toBe(200);
    await response.text();
    return response.headers.get('x-trunkline-cache');
  }
});
