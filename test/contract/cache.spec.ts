import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { randomBytes } from 'node:crypto';
import type { Cache } from '../../src/cache/cache.js';
import { contentKeyOf } from '../../src/cache/content-key.js';
import { MemoryCache } from '../../src/cache/memory-cache.js';
import { RedisCache } from '../../src/cache/redis-cache.js';
import { RedisConnection } from '../../src/cache/redis-connection.js';
import { SealedCache } from '../../src/cache/sealed-cache.js';
import type { GatewayConfig } from '../../src/config/gateway-config.js';
import { SystemClock } from '../../src/core/clock.js';
import { OptionalDependencies } from '../../src/core/optional-dependencies.js';
import { FakeRedis } from '../fakes/fake-redis.js';
import { FakeClock } from '../support/fake-clock.js';
import { describeOnRedis, openRedis, type TestRedis } from '../support/redis.js';

const TTL_MS = 60_000;
const BYTES = Buffer.from([0, 255, 13, 10, 36, 128]);

/** What every cache does. */
function behavesAsCache(open: () => Cache): void {
  it('gives back the very bytes, however many, and the newest', async () => {
    const cache = open();
    const long = randomBytes(500_000);
    expect(await cache.get('a')).toBeNull();
    await cache.set('a', BYTES, { ttlMs: TTL_MS });
    await cache.set('long', long, { ttlMs: TTL_MS });
    expect(await cache.get('a')).toEqual(BYTES);
    expect((await cache.get('long'))?.equals(long)).toBe(true);
    await cache.set('a', Buffer.from('newer'), { ttlMs: TTL_MS });
    expect(await cache.get('a')).toEqual(Buffer.from('newer'));
    await cache.delete('a');
    expect(await cache.get('a')).toBeNull();
  });

  it('keeps nothing that has no time', async () => {
    const cache = open();
    await cache.set('b', BYTES, { ttlMs: 0 });
    expect(await cache.get('b')).toBeNull();
  });
}

describe('the cache in memory', () => {
  behavesAsCache(() => new MemoryCache(10_000_000, new FakeClock()));
});

describeOnRedis('the cache in Redis', () => {
  let redis: TestRedis;
  let other: TestRedis;

  beforeAll(async () => {
    redis = await openRedis();
    other = await openRedis();
  });

  afterAll(async () => {
    await redis.close();
    await other.close();
  });

  behavesAsCache(
    () => new RedisCache(redis.connection, new SystemClock(), `${redis.prefix}${randomBytes(6).toString('hex')}:`),
  );

  it('is one for all replicas, and its entries end by themselves', async () => {
    const gateway = { caches: { exact: { maxAnswerBytes: 1_000_000 } } } as GatewayConfig;
    const [left, right] = [redis, other].map(
      ({ connection }) => new SealedCache(gateway, new RedisCache(connection, new SystemClock(), redis.prefix)),
    );
    const key = contentKeyOf([redis.prefix]);
    left?.set(key, Buffer.from('The godwit flies'), TTL_MS);
    await left?.onApplicationShutdown();
    expect(await right?.get(key)).toEqual(Buffer.from('The godwit flies'));
    expect(Number(await redis.command(['PTTL', redis.prefix + key.name]))).toBeGreaterThan(0);
    expect(String(await redis.command(['GET', redis.prefix + key.name]))).not.toContain('godwit');
    expect(await right?.get({ ...key, secret: randomBytes(32) })).toBeNull();
  });
});

describe('a cache whose Redis fails', () => {
  const redis = new FakeRedis();
  let clock: FakeClock;
  let connection: RedisConnection;
  let cache: RedisCache;
  let log: string[];

  beforeEach(async () => {
    log = [];
    jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => log.push('away'));
    jest.spyOn(Logger.prototype, 'log').mockImplementation(() => log.push('back'));
    redis.mood = 'well';
    redis.commands.length = 0;
    await redis.start();
    clock = new FakeClock();
    connection = new RedisConnection({ url: redis.url }, new OptionalDependencies(), clock);
    await connection.onModuleInit();
    cache = new RedisCache(connection, clock, 'test:');
  });

  afterEach(async () => {
    connection.onApplicationShutdown();
    await redis.stop();
    jest.restoreAllMocks();
  });

  async function until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise((resolve) => setImmediate(resolve));
  }

  it('O07: waits for a silent one once, asks it how it does once, and goes on when it answers', async () => {
    redis.mood = 'silent';
    const asked = Array.from({ length: 10 }, (_, index) => cache.get(String(index)));
    await until(() => redis.count('GET') === 10);
    await clock.advance(250);
    expect(await Promise.all(asked)).toEqual(Array(10).fill(null));
    expect([connection.isUsable, await cache.get('a')]).toEqual([false, null]);
    await cache.set('a', BYTES, { ttlMs: TTL_MS });
    await clock.advance(60_000);
    await until(() => redis.count('PING') === 1);
    await clock.advance(60_000);
    expect([redis.count('GET'), redis.count('SET'), redis.count('PING')]).toEqual([10, 0, 1]);
    redis.speak();
    await until(() => connection.isUsable);
    await cache.set('a', BYTES, { ttlMs: TTL_MS });
    expect(await cache.get('a')).toEqual(BYTES);
    expect(log).toEqual(['away', 'back']);
  });

  it.each(['readonly', 'full'] as const)(
    'O06: reads from one that is %s, and writes nothing for a while',
    async (mood) => {
      await cache.set('a', BYTES, { ttlMs: TTL_MS });
      redis.mood = mood;
      for (let count = 0; count < 5; count += 1) await cache.set('b', BYTES, { ttlMs: TTL_MS });
      expect([redis.count('SET'), await cache.get('a'), connection.isUsable]).toEqual([2, BYTES, true]);
      redis.mood = 'well';
      await clock.advance(1_000);
      await cache.set('b', BYTES, { ttlMs: TTL_MS });
      expect([await cache.get('b'), log]).toEqual([BYTES, []]);
    },
  );

  it('O06: has nothing while there is none, without asking, and everything new when it is back', async () => {
    await redis.stop();
    await until(() => !connection.isUsable);
    expect(await cache.get('a')).toBeNull();
    await cache.set('a', BYTES, { ttlMs: TTL_MS });
    await redis.start();
    await until(() => connection.isUsable);
    await cache.set('a', BYTES, { ttlMs: TTL_MS });
    expect(await cache.get('a')).toEqual(BYTES);
  });
});
