import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { RedisConnection } from '../../src/cache/redis-connection.js';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import { FakeRedis } from '../fakes/fake-redis.js';
import { seededRandom, soakSeed } from '../support/soak-seed.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const REQUESTS = 5_000;
const CLIENTS = 4;
const QUESTIONS = 500;
const MOST_ADDED_MS = 5;
/** What two equal measurements may differ by on a machine that does something else besides. */
const NOISE = 0.15;
const MOST_GROWTH_BYTES = 64 * 1024 * 1024;

const random = seededRandom(soakSeed());
const lab = new FakeOpenAi();
const redis = new FakeRedis();
let app: TestApp;
let connection: RedisConnection;

beforeAll(async () => {
  await Promise.all([lab.start(), redis.start()]);
  lab.reply({ text: 'The godwit flies south.' }).forever();
  app = await startTestApp({
    gateway: {
      providers: { lab: { type: 'openai-compatible', base_url: lab.url, api_keys: ['sk-lab'] } },
      models: {
        cached: { targets: ['lab/m'], caches: { exact: {} } },
        plain: { targets: ['lab/m'], caches: { exact: { use: 'never' } } },
      },
    },
    env: { REDIS_URL: redis.url },
  });
  connection = app.nest.get(RedisConnection, { strict: false });
});

afterAll(async () => {
  await app.close();
  await Promise.all([lab.stop(), redis.stop()]);
});

interface Timed {
  readonly ms: number;
  readonly isOpen: boolean;
}

async function ask(model: string): Promise<number> {
  const content = `Which bird is number ${String(Math.floor(random() * QUESTIONS))}?`;
  const startedAt = performance.now();
  const response = await app.post('/v1/chat/completions', { model, messages: [{ role: 'user', content }] });
  expect(response.status).toBe(200);
  expect(await response.text()).toContain('godwit');
  return performance.now() - startedAt;
}

function p95(times: readonly number[]): number {
  const sorted = [...times].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length * 0.95)] ?? NaN;
}

/** What is in memory and still of use, the fakes' own records left out. */
function usedBytes(): number {
  lab.requests = [];
  redis.commands.length = 0;
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** What happens to Redis in the course of the load, at these requests. */
const FAULTS: Readonly<Record<number, () => unknown>> = {
  [REQUESTS * 0.2]: () => (redis.mood = 'silent'),
  [REQUESTS * 0.5]: () => {
    redis.speak();
  },
  [REQUESTS * 0.6]: () => redis.stop(),
  [REQUESTS * 0.7]: () => redis.start(),
  [REQUESTS * 0.8]: () => (redis.mood = 'full'),
  [REQUESTS * 0.9]: () => {
    redis.speak();
    redis.values.clear();
  },
};

it(`O06, O07: Redis hangs, dies, comes back and fills up under ${String(REQUESTS)} requests`, async () => {
  const cached: Timed[] = [];
  const plain: Timed[] = [];
  let before = 0;
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < REQUESTS) {
      const index = next;
      next += 1;
      await FAULTS[index]?.();
      if (index === REQUESTS * 0.1) before = usedBytes();
      const isOpen = !connection.isUsable;
      // Both kinds in turn, so that whatever else the machine does it does to both.
      if (index % 2 === 0) cached.push({ ms: await ask('cached'), isOpen });
      else plain.push({ ms: await ask('plain'), isOpen });
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, work));
  const growth = usedBytes() - before;
  const [with95, without95] = [cached, plain].map((times) =>
    p95(times.filter(({ isOpen }) => isOpen).map(({ ms }) => ms)),
  ) as [number, number];
  const count = cached.filter(({ isOpen }) => isOpen).length;
  process.stdout.write(
    `${String(count)} requests while Redis was left alone: p95 ${with95.toFixed(1)} ms, without a cache ` +
      `${without95.toFixed(1)} ms; memory grew by ${String(Math.round(growth / 1024 / 1024))} MB\n`,
  );
  expect(count).toBeGreaterThan(100);
  expect(with95 - without95).toBeLessThanOrEqual(Math.max(MOST_ADDED_MS, NOISE * without95));
  expect(growth).toBeLessThanOrEqual(MOST_GROWTH_BYTES);
});
