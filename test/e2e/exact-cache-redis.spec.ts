import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { RedisConnection } from '../../src/cache/redis-connection.js';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import { FakeRedis } from '../fakes/fake-redis.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const TEXT = 'The godwit flies south.';
const MANY = 20;

const lab = new FakeOpenAi();
const redis = new FakeRedis();
let app: TestApp;
let connection: RedisConnection;
let serial = 0;
let misses = 0;

describe('exact cache redis', () => {
  beforeAll(async () => {
    await Promise.all([lab.start(), redis.start()]);
    app = await startTestApp({
      gateway: {
        providers: { lab: { type: 'openai-compatible', base_url: lab.url, api_keys: ['sk-lab'] } },
        models: { cached: { targets: ['lab/m'], caches: { exact: {} } } },
      },
      env: { REDIS_URL: redis.url },
    });
    connection = app.nest.get(RedisConnection, { strict: false });
  });

  beforeEach(async () => {
    lab.reset();
    lab.reply({ text: TEXT }).forever();
    await until(() => connection.isUsable);
  });

  afterAll(async () => {
    await app.close();
    await Promise.all([lab.stop(), redis.stop()]);
  });

  function newQuestion(): string {
    serial += 1;
    return `Which bird is number ${String(serial)}?`;
  }

  /** What the cache said; throws when there was no answer. */
  async function ask(question: string): Promise<string | null> {
    const messages = [{ role: 'user', content: question }];
    const response = await app.post('/v1/chat/completions', { model: 'cached', messages });
    expect([response.status, (await response.text()).includes(TEXT)]).toEqual([200, true]);
    const status = response.headers.get('x-trunkline-cache');
    if (status === 'miss') misses += 1;
    return status;
  }

  const askMany = (count: number): Promise<(string | null)[]> =>
    Promise.all(Array.from({ length: count }, () => ask(newQuestion())));

  async function until(holds: () => boolean): Promise<void> {
    const giveUpAt = performance.now() + 15_000;
    while (!holds()) {
      if (performance.now() > giveUpAt) throw new Error('It did not come to that.');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** Whatever was to be written is written, and a question that came later was answered. */
  async function settle(): Promise<void> {
    await until(() => redis.count('SET') === misses);
    await ask(newQuestion());
  }

  /** Asks new questions, twice each, until an answer is kept. */
  async function untilKept(): Promise<void> {
    const giveUpAt = performance.now() + 15_000;
    for (;;) {
      const question = newQuestion();
      await ask(question);
      if ((await ask(question)) === 'hit') return;
      if (performance.now() > giveUpAt) throw new Error('Nothing was kept.');
    }
  }

  describe('the exact cache in Redis', () => {
    it('keeps what nobody can read there, and loses it with Redis', async () => {
      const question = newQuestion();
      expect([await ask(question), await ask(question)]).toEqual(['miss', 'hit']);
      await until(() => redis.values.size === 1);
      for (const [name, value] of redis.values) {
        expect(name).toMatch(/^trunkline:\w+:cache:[\w-]{43}$/);
        expect(value.includes('godwit')).toBe(false);
      }
      await settle();
      redis.values.clear();
      expect([await ask(question), await ask(question)]).toEqual(['miss', 'hit']);
    });

    it('O06: takes what was changed there for nothing', async () => {
      const question = newQuestion();
      await ask(question);
      await settle();
      for (const [name, value] of redis.values) redis.values.set(name, Buffer.from(value).fill(7, value.length - 3));
      expect(await ask(question)).toBe('miss');
    });

    it.each(['readonly', 'full'] as const)('O06: a Redis that is %s costs the cache and no answer', async (mood) => {
      redis.mood = mood;
      const before = redis.count('SET');
      expect(new Set(await askMany(MANY))).toEqual(new Set(['miss']));
      // The first refusals are enough to leave it alone.
      expect(redis.count('SET') - before).toBeLessThanOrEqual(MANY);
      expect(connection.isUsable).toBe(true);
      redis.speak();
      await untilKept();
    });

    it('O07: a Redis that hangs is asked nothing more, and waited for once', async () => {
      redis.mood = 'silent';
      expect(new Set(await askMany(MANY))).toEqual(new Set(['miss']));
      expect(connection.isUsable).toBe(false);
      const before = redis.commands.length;
      expect(new Set(await askMany(50))).toEqual(new Set(['miss']));
      // One question after its health, at most; no command of a request.
      expect(redis.commands.slice(before).filter((name) => name !== 'PING')).toEqual([]);
      await until(() => redis.count('PING') > 0);
      expect(redis.count('PING')).toBe(1);
      redis.speak();
      await until(() => connection.isUsable);
      await untilKept();
    });

    it('O06: a Redis that is killed under load, and comes back', async () => {
      const first = askMany(MANY);
      await redis.stop();
      expect(new Set([...(await first), ...(await askMany(MANY))])).toEqual(new Set(['miss']));
      await redis.start();
      await until(() => connection.isUsable);
      await untilKept();
    });
  });
});
