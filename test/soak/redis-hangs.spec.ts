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
const WARM_UP = 1_000;
const MOST_ADDED_MS = 5;
/** What two equal servers may differ by on a machine that does something else besides. */
const NOISE = 0.25;
const MOST_GROWTH_MEGABYTES = 64;
const LONG_MS = 600_000;

interface Gateway {
  readonly server: ServerProcess;
  readonly key: string;
}

const isThere = hasRedisServer();
if (!isThere) process.stdout.write('A Redis that hangs is left out: there is no redis-server to start.\n');
const random = seededRandom(soakSeed());

(isThere ? describe : describe.skip)('a real Redis that takes commands and answers none', () => {
  const lab = new FakeOpenAi();
  const directory = mkdtempSync(join(tmpdir(), 'trunkline-redis-'));
  const databases: TestDatabase[] = [];
  let redis: OwnRedis;
  /** Its Redis will hang. */
  let hanging: Gateway;
  /** Its Redis is away: it misses like the other, so that both do the same work. */
  let without: Gateway;

  beforeAll(async () => {
    redis = await OwnRedis.reserve();
    const absent = await OwnRedis.reserve();
    await Promise.all([lab.start(), redis.start()]);
    lab.reply({ text: 'The godwit flies south.' }).forever();
    const config = join(directory, 'trunkline.yaml');
    const gateway = {
      providers: { lab: { type: 'openai-compatible', base_url: lab.url, api_keys: ['sk'] } },
      models: { cached: { targets: ['lab/m'], caches: { exact: {} } } },
    };
    writeFileSync(config, JSON.stringify(gateway));
    hanging = await startGateway('hanging', config, redis);
    without = await startGateway('without', config, absent);
  }, LONG_MS);

  afterAll(async () => {
    redis.freeze(false);
    await Promise.all([hanging, without].map(({ server }) => server.end('SIGTERM')));
    await redis.kill();
    await Promise.all(databases.map(dropTestSchema));
    await lab.stop();
    rmSync(directory, { recursive: true, force: true });
  }, LONG_MS);

  async function startGateway(name: string, config: string, { url }: OwnRedis): Promise<Gateway> {
    const database = runsOnServer ? await createTestSchema() : null;
    if (database) databases.push(database);
    const server = await ServerProcess.start({
      TRUNKLINE_DATA_DIR: join(directory, name),
      TRUNKLINE_CONFIG: config,
      TRUNKLINE_ADMIN_KEY: KEY,
      REDIS_URL: url,
      ...(database && { DATABASE_URL: database.url, DATABASE_SCHEMA: database.schema }),
    });
    const terms = { name: 'k', limits: { requests_per_minute: 1_000_000 } };
    const made = await post({ server, key: KEY }, '/admin/keys', terms);
    return { server, key: ((await made.json()) as { key: string }).key };
  }

  const rssMegabytes = (): number =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${String(hanging.server.pid)}/status`, 'utf8'))?.[1]) / 1024;

  async function timeOf(gateway: Gateway, content: string): Promise<number> {
    const startedAt = performance.now();
    const body = { model: 'cached', messages: [{ role: 'user', content }] };
    const response = await post(gateway, '/v1/chat/completions', body);
    expect([response.status, (await response.text()).length < 2_000]).toEqual([200, true]);
    return performance.now() - startedAt;
  }

  /**
   * Sends so many to each of the two, in turns, so that whatever else the machine does slows both; gives the times that 95 of
   * 100 stayed under. Fails unless all of them are answered.
   */
  async function load(requests: number): Promise<{ hangingMs: number; withoutMs: number }> {
    const times: { hanging: number[]; without: number[] } = { hanging: [], without: [] };
    let next = 0;
    const work = async (): Promise<void> => {
      while (next < requests) {
        next += 1;
        const content = `Which bird is number ${String(Math.floor(random() * QUESTIONS))}?`;
        times.hanging.push(await timeOf(hanging, content));
        times.without.push(await timeOf(without, content));
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, work));
    lab.requests = [];
    return { hangingMs: percentile95(times.hanging), withoutMs: percentile95(times.without) };
  }

  it(
    `O07 costs ${String(REQUESTS)} requests next to no time, and no memory`,
    async () => {
      expect(await redisStatus(hanging)).toBe('up');
      expect(await redisStatus(without)).toBe('degraded');
      redis.freeze(true);
      await load(WARM_UP);
      expect(await redisStatus(hanging)).toBe('degraded');
      const before = rssMegabytes();
      const { hangingMs, withoutMs } = await load(REQUESTS);
      const growth = rssMegabytes() - before;
      process.stdout.write(
        `p95 ${hangingMs.toFixed(1)} ms with a Redis that hangs, ${withoutMs.toFixed(1)} ms with none; ` +
          `memory grew by ${growth.toFixed(0)} MB\n`,
      );
      expect(hangingMs - withoutMs).toBeLessThanOrEqual(Math.max(MOST_ADDED_MS, NOISE * withoutMs));
      expect(growth).toBeLessThanOrEqual(MOST_GROWTH_MEGABYTES);
    },
    LONG_MS,
  );

  async function redisStatus({ server }: Gateway): Promise<string | undefined> {
    const response = await fetch(`${server.url}/health/ready`);
    const body = (await response.json()) as { details: Record<string, { status: string }> };
    return body.details.redis?.status;
  }
});

function post({ server, key }: Gateway, path: string, body: object): Promise<Response> {
  return fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

function percentile95(times: number[]): number {
  times.sort((left, right) => left - right);
  return times[Math.floor(times.length * 0.95)] ?? NaN;
}
