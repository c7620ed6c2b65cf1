import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import { createTestSchema, dropTestSchema, runsOnServer, type TestDatabase } from '../support/database.js';
import { hasRedisServer, OwnRedis } from '../support/own-redis.js';
import { ServerProcess } from '../support/server-process.js';
import { seededRandom, soakSeed } from '../support/soak-seed.js';

const KEY = 'redis-hangs-admin-key-0123456789';
const REQUESTS = 5_000;
const CLIENTS = 4;
const QUESTIONS = 500;
const WARM_UP = 1_500;
const MOST_ADDED_MS = 5;
/** What two equal measurements may differ by on a machine that does something else besides. */
const NOISE = 0.25;
const MOST_GROWTH_MEGABYTES = 64;
const LONG_MS = 600_000;

const isThere = hasRedisServer();
if (!isThere) process.stdout.write('A Redis that hangs is left out: there is no redis-server to start.\n');
const random = seededRandom(soakSeed());

(isThere ? describe : describe.skip)('a real Redis that takes commands and answers none', () => {
  const lab = new FakeOpenAi();
  const directory = mkdtempSync(join(tmpdir(), 'trunkline-redis-'));
  let database: TestDatabase | null = null;
  let redis: OwnRedis;
  let server: ServerProcess;
  let key: string;

  beforeAll(async () => {
    redis = await OwnRedis.reserve();
    await Promise.all([lab.start(), redis.start()]);
    lab.reply({ text: 'The godwit flies south.' }).forever();
    if (runsOnServer) database = await createTestSchema();
    const config = join(directory, 'trunkline.yaml');
    const gateway = {
      providers: { lab: { type: 'openai-compatible', base_url: lab.url, api_keys: ['sk'] } },
      models: { cached: { targets: ['lab/m'], caches: { exact: {} } } },
    };
    writeFileSync(config, JSON.stringify(gateway));
    server = await ServerProcess.start({
      TRUNKLINE_DATA_DIR: join(directory, 'data'),
      TRUNKLINE_CONFIG: config,
      TRUNKLINE_ADMIN_KEY: KEY,
      REDIS_URL: redis.url,
      ...(database && { DATABASE_URL: database.url, DATABASE_SCHEMA: database.schema }),
    });
    const made = await post('/admin/keys', { name: 'k', limits: { requests_per_minute: 1_000_000 } }, KEY);
    key = ((await made.json()) as { key: string }).key;
  }, LONG_MS);

  afterAll(async () => {
    redis.freeze(false);
    await server.end('SIGTERM');
    await redis.kill();
    if (database) await dropTestSchema(database);
    await lab.stop();
    rmSync(directory, { recursive: true, force: true });
  }, LONG_MS);

  const post = (path: string, body: object, as = key): Promise<Response> =>
    fetch(`${server.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${as}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  const rssMegabytes = (): number =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${String(server.pid)}/status`, 'utf8'))?.[1]) / 1024;

  /** Sends so many, and gives the time that 95 of 100 stayed under; fails unless all of them are answered. */
  async function load(requests: number): Promise<number> {
    const times: number[] = [];
    let next = 0;
    const work = async (): Promise<void> => {
      while (next < requests) {
        next += 1;
        const content = `Which bird is number ${String(Math.floor(random() * QUESTIONS))}?`;
        const startedAt = performance.now();
        const response = await post('/v1/chat/completions', { model: 'cached', messages: [{ role: 'user', content }] });
        expect([response.status, (await response.text()).length < 2_000]).toEqual([200, true]);
        times.push(performance.now() - startedAt);
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, work));
    lab.requests = [];
    times.sort((left, right) => left - right);
    return times[Math.floor(times.length * 0.95)] ?? NaN;
  }

  it(
    `O07 costs ${String(REQUESTS)} requests next to no time, and no memory`,
    async () => {
      await load(WARM_UP);
      // Misses as they all are without Redis, so that both do the same work.
      await redis.kill();
      await load(200);
      const without = await load(REQUESTS);
      await redis.start();
      while (!(await isRedisUp())) await new Promise((resolve) => setTimeout(resolve, 50));
      redis.freeze(true);
      await load(200);
      const before = rssMegabytes();
      const hanging = await load(REQUESTS);
      const growth = rssMegabytes() - before;
      process.stdout.write(
        `p95 ${hanging.toFixed(1)} ms with a Redis that hangs, ${without.toFixed(1)} ms with none; ` +
          `memory grew by ${growth.toFixed(0)} MB\n`,
      );
      expect(hanging - without).toBeLessThanOrEqual(Math.max(MOST_ADDED_MS, NOISE * without));
      expect(growth).toBeLessThanOrEqual(MOST_GROWTH_MEGABYTES);
    },
    LONG_MS,
  );

  async function isRedisUp(): Promise<boolean> {
    const response = await fetch(`${server.url}/health/ready`);
    const body = (await response.json()) as { details: Record<string, { status: string }> };
    return body.details.redis?.status === 'up';
  }
});
