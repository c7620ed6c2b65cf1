import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import type { RedisConnection } from '../../src/cache/redis-connection.js';
import { SystemClock } from '../../src/core/clock.js';
import { newId } from '../../src/core/ids.js';
import { createDataSource, dataSourceOptions } from '../../src/database/create-data-source.js';
import { DatabaseConnection } from '../../src/database/database-connection.js';
import { PostgresThrottleCounter } from '../../src/limits/throttle/postgres-throttle-counter.js';
import { RedisThrottleCounter } from '../../src/limits/throttle/redis-throttle-counter.js';
import { SharedThrottlerStorage } from '../../src/limits/throttle/shared-throttler-storage.js';
import type { ThrottleCounter } from '../../src/limits/throttle/throttle-counter.js';
import { createTestSchema, dropTestSchema, type TestDatabase } from '../support/database.js';
import { describeOnRedis, openRedis, type TestRedis } from '../support/redis.js';

interface World {
  readonly counter: ThrottleCounter;
  /** A storage as each process has one. */
  open(): SharedThrottlerStorage;
  /** Lets every time of a name pass by `ms`. */
  age(name: string, ms: number): Promise<void>;
  close(): Promise<void>;
}

function describeCounter(openWorld: () => Promise<World>): void {
  let world: World;

  beforeAll(async () => {
    world = await openWorld();
  });

  afterAll(async () => {
    await world.close();
  });

  it('counts what several processes see at once, each hit once', async () => {
    const [one, two] = [world.open(), world.open()];
    const key = newId('req_');
    const all = Array.from({ length: 90 }, (_, index) =>
      (index % 2 === 0 ? one : two).increment(key, 60_000, 60, 30_000, 'test'),
    );
    const records = await Promise.all(all);
    const open = records.filter(({ isBlocked }) => !isBlocked);
    expect(open.map(({ totalHits }) => totalHits).sort((left, right) => left - right)).toEqual(
      Array.from({ length: 60 }, (_, index) => index + 1),
    );
    const closed = records.filter(({ isBlocked }) => isBlocked);
    expect(closed).toHaveLength(30);
    for (const { timeToBlockExpire } of closed) expect([29, 30]).toContain(timeToBlockExpire);
  });

  it('keeps names apart, and opens again when the time is over', async () => {
    const storage = world.open();
    const [key, other] = [newId('req_'), newId('req_')];
    const hit = (name = key) => storage.increment(name, 60_000, 2, 90_000, 'test');
    const states = [];
    for (let count = 0; count < 4; count += 1) states.push((await hit()).isBlocked);
    expect(states).toEqual([false, false, true, true]);
    expect(await hit(other)).toMatchObject({ totalHits: 1, isBlocked: false, timeToBlockExpire: 0 });
    await world.age(`test:${key}`, 60_000);
    expect((await hit()).isBlocked).toBe(true);
    await world.age(`test:${key}`, 31_000);
    expect(await hit()).toMatchObject({ totalHits: 1, isBlocked: false });
    await hit();
    await world.age(`test:${key}`, 61_000);
    expect(await hit()).toMatchObject({ totalHits: 1, isBlocked: false });
  });

  it('answers for each of several names in their order', async () => {
    const [a, b] = [newId('req_'), newId('req_')];
    const hit = { windowMs: 60_000, blockMs: 60_000, limit: 3 };
    const tell = (times: number) =>
      world.counter.count([
        { ...hit, name: b, times },
        { ...hit, name: a, times: times + 1 },
      ]);
    const standings = async (times: number) =>
      (await tell(times)).map(({ hits, counted, blockedForMs }) => [hits, counted, blockedForMs > 0]);
    expect(await standings(1)).toEqual([
      [1, 1, false],
      [2, 2, false],
    ]);
    expect(await standings(1)).toEqual([
      [2, 1, false],
      [4, 2, true],
    ]);
    expect(await standings(2)).toEqual([
      [4, 2, true],
      [4, 0, true],
    ]);
    const [first] = await world.counter.count([{ ...hit, name: newId('req_'), times: 9 }]);
    expect(first).toMatchObject({ hits: 9, counted: 9 });
    expect(first?.blockedForMs).toBeGreaterThan(0);
  });
}

const NO_REDIS = { isUsable: false } as RedisConnection;

describe('throttles in the database', () => {
  let database: TestDatabase;
  let connection: DatabaseConnection;
  let dataSource: DataSource;

  describeCounter(async () => {
    database = await createTestSchema();
    connection = await DatabaseConnection.open(database);
    dataSource = await createDataSource(connection, dataSourceOptions(connection));
    const counter = new PostgresThrottleCounter(dataSource, new SystemClock());
    return {
      counter,
      open: () => new SharedThrottlerStorage(NO_REDIS, new RedisThrottleCounter(NO_REDIS, database), counter),
      age: async (name, ms) => {
        await dataSource.query(
          `update limit_throttle set ends_at = ends_at - $2 * interval '1 ms',
             blocked_until = blocked_until - $2 * interval '1 ms' where name = $1`,
          [name, ms],
        );
      },
      close: async () => {
        await dataSource.destroy();
        await connection.close();
        await dropTestSchema(database);
      },
    };
  });

  it('rejects when nobody can count', async () => {
    const down = { count: () => Promise.reject(new Error('down')) } as unknown as PostgresThrottleCounter;
    const storage = new SharedThrottlerStorage(NO_REDIS, new RedisThrottleCounter(NO_REDIS, database), down);
    const both = [storage.increment('a', 1, 1, 1, 't'), storage.increment('b', 1, 1, 1, 't')];
    for (const one of both) await expect(one).rejects.toThrow('down');
  });
});

describeOnRedis('throttles in Redis', () => {
  let redis: TestRedis;

  describeCounter(async () => {
    redis = await openRedis();
    const counter = new RedisThrottleCounter(redis.connection, redis.database);
    const none = {
      count: () => Promise.reject(new Error('The database was asked.')),
    } as unknown as PostgresThrottleCounter;
    return {
      counter,
      open: () => new SharedThrottlerStorage(redis.connection, counter, none),
      age: async (name, ms) => {
        const key = `${redis.prefix}throttle:${name}`;
        for (const field of ['ends', 'blocked']) await redis.command(['HINCRBY', key, field, String(-ms)]);
      },
      close: () => redis.close(),
    };
  });
});
