import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { createDataSource, dataSourceOptions } from '../../src/database/create-data-source.js';
import { DatabaseConnection } from '../../src/database/database-connection.js';
import { SystemClock } from '../../src/core/clock.js';
import { Housekeeping } from '../../src/core/housekeeping.js';
import { newId } from '../../src/core/ids.js';
import type { InstanceHeartbeatService } from '../../src/database/instance-heartbeat.service.js';
import { LimitsSweeper } from '../../src/limits/limits-sweeper.service.js';
import type { LimitBatch, LimitLine, LimitStore } from '../../src/limits/store/limit-store.js';
import { PostgresLimitStore } from '../../src/limits/store/postgres-limit-store.js';
import { RedisLimitStore } from '../../src/limits/store/redis-limit-store.js';
import { createTestSchema, dropTestSchema } from '../support/database.js';
import { describeOnRedis, openRedis, type TestRedis } from '../support/redis.js';

const MINUTE_MS = 60_000;
/** Large enough that nothing is handed out in advance. */
const NO_SPARES = 1_000_000;

interface World {
  /** A store as another process would have it. */
  open(): Promise<LimitStore>;
  /** Makes a process count as dead. */
  kill(store: LimitStore): Promise<void>;
  close(): Promise<void>;
}

const minute = (meter: string, limit: number, correction: LimitLine['correction'] = null): LimitLine => ({
  meter,
  limit,
  held: null,
  correction,
});
const seats = (meter: string, limit: number, held: number): LimitLine => ({ meter, limit, held, correction: null });
const batch = (lines: LimitLine[], takes: number[][][], share = NO_SPARES): LimitBatch => ({
  lines,
  share,
  takes: takes.map((take) => take.map(([line = 0, amount = 0]) => ({ line, amount }))),
});

function describeStore(openWorld: () => Promise<World>): void {
  let world: World;
  let store: LimitStore;
  let other: LimitStore;
  let meter: string;

  beforeAll(async () => {
    world = await openWorld();
    store = await world.open();
    other = await world.open();
  });

  afterAll(async () => {
    await world.close();
  });

  const fresh = (): string => (meter = newId('key_'));

  /** Runs `work` again when a minute ended in it. */
  async function withinAMinute(work: () => Promise<void>): Promise<void> {
    for (;;) {
      fresh();
      const before = await store.exchange(batch([minute(newId('key_'), 1)], []));
      const endsInMs = MINUTE_MS - (before.atMs % MINUTE_MS);
      if (endsInMs < 3_000) await new Promise((resolve) => setTimeout(resolve, endsInMs));
      else return work();
    }
  }

  it('grants up to the limit, over all processes, and nothing more', () =>
    withinAMinute(async () => {
      const ask = (from: LimitStore, count: number) =>
        from.exchange(
          batch(
            [minute(meter, 60)],
            Array.from({ length: count }, () => [[0, 1]]),
          ),
        );
      const replies = await Promise.all([ask(store, 50), ask(other, 50), ask(store, 1), ask(other, 7)]);
      expect(replies.flatMap(({ granted }) => granted).filter(Boolean)).toHaveLength(60);
      const last = await ask(other, 1);
      expect(last).toMatchObject({ granted: [false], lines: [{ used: 60, spare: 0 }] });
      expect(last.lines[0]?.minute).toBe(Math.floor(last.atMs / MINUTE_MS));
    }));

  it('grants all parts of a take or none, in the order of the takes', () =>
    withinAMinute(async () => {
      const lines = [minute(`${meter}:a`, 10), minute(`${meter}:b`, 2), seats(`${meter}:c`, 3, 0)];
      const reply = await store.exchange(
        batch(lines, [
          [
            [0, 4],
            [1, 1],
            [2, 1],
          ],
          [
            [0, 4],
            [1, 2],
          ],
          [
            [0, 6],
            [1, 1],
          ],
          [
            [0, 1],
            [2, 1],
          ],
          [[0, 1]],
          [[2, 2]],
          [[2, 1]],
        ]),
      );
      expect(reply.granted).toEqual([true, false, true, false, false, true, false]);
      expect(reply.lines.map(({ used }) => used)).toEqual([10, 2, 3]);
    }));

  it('hands a part of what is left out in advance, where it was asked for', () =>
    withinAMinute(async () => {
      const lines = [minute(`${meter}:a`, 1_001), minute(`${meter}:b`, 1_000), seats(`${meter}:c`, 101, 0)];
      const reply = await store.exchange(
        batch(
          lines,
          [
            [
              [0, 1],
              [2, 1],
            ],
          ],
          50,
        ),
      );
      expect(reply.lines.map(({ used, spare }) => [used, spare])).toEqual([
        [21, 20],
        [0, 0],
        [3, 2],
      ]);
      const refused = await other.exchange(batch([minute(`${meter}:a`, 1_001)], [[[0, 981]]], 50));
      // What was refused may still get its share in advance.
      expect(refused).toMatchObject({ granted: [false], lines: [{ used: 40, spare: 19 }] });
    }));

  it('corrects a count in its own minute only, and never below nothing', () =>
    withinAMinute(async () => {
      const first = await store.exchange(batch([minute(meter, 100)], [[[0, 80]]]));
      const at = first.lines[0]?.minute ?? 0;
      const correct = async (amount: number, its = at) =>
        (await other.exchange(batch([minute(meter, 100, { minute: its, amount })], []))).lines[0]?.used;
      expect(await correct(-30)).toBe(50);
      expect(await correct(-30, at - 1)).toBe(50);
      expect(await correct(70)).toBe(120);
      expect((await store.exchange(batch([minute(meter, 100)], [[[0, 1]]]))).granted).toEqual([false]);
      expect(await correct(-500)).toBe(0);
      // A correction counts before the takes of its own step.
      const both = await store.exchange(batch([minute(meter, 100, { minute: at, amount: 99 })], [[[0, 1]], [[0, 1]]]));
      expect(both.granted).toEqual([true, false]);
    }));

  it('knows seats as what each process says that it holds', async () => {
    fresh();
    const ask = (from: LimitStore, held: number, takes: number) =>
      from.exchange(
        batch(
          [seats(meter, 3, held)],
          Array.from({ length: takes }, () => [[0, 1]]),
        ),
      );
    expect((await ask(store, 0, 2)).granted).toEqual([true, true]);
    expect((await ask(other, 0, 2)).granted).toEqual([true, false]);
    expect((await ask(store, 2, 1)).granted).toEqual([false]);
    expect((await ask(store, 1, 0)).lines[0]?.used).toBe(2);
    expect((await ask(other, 1, 1)).granted).toEqual([true]);
    expect((await ask(store, 0, 0)).lines[0]?.used).toBe(2);
    await other.forget();
    expect((await ask(store, 0, 0)).lines[0]?.used).toBe(0);
    // Saying it again is enough to be known again.
    expect((await ask(other, 2, 0)).lines[0]?.used).toBe(2);
    expect((await ask(store, 0, 2)).granted).toEqual([true, false]);
  });

  it('frees the seats of a process that died', async () => {
    fresh();
    const mortal = await world.open();
    await mortal.exchange(batch([seats(meter, 2, 0)], [[[0, 2]]]));
    const ask = () => store.exchange(batch([seats(meter, 2, 0)], [[[0, 1]]]));
    expect((await ask()).granted).toEqual([false]);
    await world.kill(mortal);
    expect((await ask()).granted).toEqual([true]);
  });

  it('never waits for itself: many processes with the same limits in every combination', async () => {
    fresh();
    const names = Array.from({ length: 6 }, (_, index) => `${meter}:${String(index)}`);
    const step = (from: LimitStore, index: number) => {
      const lines = names.filter((_, place) => (index >> place) % 2 === 0).map((name) => minute(name, 1e9));
      return from.exchange(batch(lines, [lines.map((_, line) => [line, 1])]));
    };
    const replies = await Promise.all(
      Array.from({ length: 62 }, (_, index) => step(index % 2 === 0 ? store : other, index)),
    );
    expect(replies.every(({ granted }) => granted[0])).toBe(true);
  });
}

describe('limits in the database', () => {
  const openWorld = async (): Promise<World & { dataSource: DataSource }> => {
    const database = await createTestSchema();
    const connection = await DatabaseConnection.open(database);
    const dataSource = await createDataSource(connection, dataSourceOptions(connection));
    const ids = new Map<LimitStore, string>();
    return {
      dataSource,
      open: async () => {
        const instanceId = newId('inst_');
        await dataSource.query('insert into instance (id) values ($1)', [instanceId]);
        const heartbeat = { instanceId } as InstanceHeartbeatService;
        const store = new PostgresLimitStore(dataSource, connection, heartbeat, new SystemClock());
        ids.set(store, instanceId);
        return store;
      },
      kill: async (store) => {
        const sql = `update instance set heartbeat_at = now() - interval '31 seconds' where id = $1`;
        await dataSource.query(sql, [ids.get(store)]);
      },
      close: async () => {
        await dataSource.destroy();
        await connection.close();
        await dropTestSchema(database);
      },
    };
  };

  describeStore(openWorld);

  it('begins anew with every minute, whatever the row says', async () => {
    const world = await openWorld();
    const { dataSource } = world;
    const store = await world.open();
    try {
      const rows: { minute: string }[] = await dataSource.query(
        'select floor(extract(epoch from now()) / 60)::text as minute',
      );
      for (const offset of [-1, -900, 5, 900]) {
        const meter = newId('key_');
        await dataSource.query('insert into limit_counter values ($1, $2, 10)', [
          meter,
          Number(rows[0]?.minute) + offset,
        ]);
        expect((await store.exchange(batch([minute(meter, 10)], [[[0, 10]]]))).granted).toEqual([true]);
      }
    } finally {
      await world.close();
    }
  });

  it('sweeps what is over and what the dead left, and nothing else', async () => {
    const world = await openWorld();
    const { dataSource } = world;
    const store = await world.open();
    const dead = await world.open();
    try {
      await store.exchange(batch([minute('a', 5), seats('b', 5, 1)], [[[0, 1]]]));
      await dead.exchange(batch([seats('b', 5, 2)], []));
      await world.kill(dead);
      await dataSource.query(`insert into limit_counter values ('old', 5, 5)`);
      await dataSource.query(
        `insert into limit_throttle values ('over', 1, 1, now() - interval '1 s'), ('open', 1, 1, now() + interval '9 s')`,
      );
      await new LimitsSweeper(dataSource, new Housekeeping(new SystemClock(), true)).sweep();
      const left = async (sql: string) => (await dataSource.query<{ name: string }[]>(sql)).map(({ name }) => name);
      expect(await left('select meter as name from limit_counter order by 1'))
        // The row of a limit on concurrency is no more than its lock.
        .toEqual(['a']);
      expect(await left('select seats::text as name from limit_seat')).toEqual(['1']);
      expect(await left('select name from limit_throttle')).toEqual(['open']);
    } finally {
      await world.close();
    }
  });
});

describeOnRedis('limits in Redis', () => {
  describeStore(async () => {
    const redis: TestRedis = await openRedis();
    const names = new Map<LimitStore, string>();
    return {
      open: () => {
        const instanceId = newId('inst_');
        const heartbeat = { instanceId } as InstanceHeartbeatService;
        const store = new RedisLimitStore(redis.connection, heartbeat, new SystemClock(), redis.database);
        names.set(store, instanceId);
        return Promise.resolve(store);
      },
      kill: async (store) => {
        const long = String(Date.now() - 31_000);
        await redis.command(['ZADD', `${redis.prefix}limits:instances`, long, names.get(store) ?? '']);
      },
      close: () => redis.close(),
    };
  });
});
