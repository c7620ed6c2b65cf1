import { afterAll, afterEach, beforeAll, beforeEach, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { SystemClock } from '../../src/core/clock.js';
import { CallContext } from '../../src/core/call-context.js';
import { AppError } from '../../src/core/errors/app-error.js';
import { newId } from '../../src/core/ids.js';
import { LiveInstances } from '../../src/core/live-instances.js';
import { type Principal, UNLIMITED } from '../../src/core/principal.js';
import { Telemetry } from '../../src/core/telemetry/telemetry.js';
import { createDataSource, dataSourceOptions } from '../../src/database/create-data-source.js';
import { DatabaseConnection } from '../../src/database/database-connection.js';
import type { InstanceHeartbeatService } from '../../src/database/instance-heartbeat.service.js';
import { LimitDesk } from '../../src/limits/limit-desk.js';
import type { LimitTicket } from '../../src/limits/limit-ticket.js';
import { LimitsService } from '../../src/limits/limits.service.js';
import { MeterBook } from '../../src/limits/meter-book.js';
import { FallbackLimitStore } from '../../src/limits/store/fallback-limit-store.js';
import { PostgresLimitStore } from '../../src/limits/store/postgres-limit-store.js';
import { RedisLimitStore } from '../../src/limits/store/redis-limit-store.js';
import { createTestSchema, dropTestSchema, type TestDatabase } from '../support/database.js';
import { describeOnRedis, openRedis, redisUrl, type TestRedis } from '../support/redis.js';
import { TcpProxy } from '../support/tcp-proxy.js';

interface Replica {
  service: LimitsService;
  redis: TestRedis;
  beat: RedisLimitStore;
}

describeOnRedis('limits when Redis goes and comes', () => {
  const clock = new SystemClock();
  const url = new URL(redisUrl ?? 'redis://127.0.0.1');
  const proxy = new TcpProxy(url.hostname, Number(url.port));
  let database: TestDatabase;
  let connection: DatabaseConnection;
  let dataSource: DataSource;
  let replicas: Replica[];
  let warnings: string[];
  let principal: Principal;

  beforeAll(async () => {
    database = await createTestSchema();
    connection = await DatabaseConnection.open(database);
    dataSource = await createDataSource(connection, dataSourceOptions(connection));
  });

  afterAll(async () => {
    await dataSource.destroy();
    await connection.close();
    await dropTestSchema(database);
  });

  beforeEach(async () => {
    warnings = [];
    jest.spyOn(Logger.prototype, 'warn').mockImplementation((message: unknown) => warnings.push(String(message)));
    jest.spyOn(Logger.prototype, 'log').mockImplementation(() => undefined);
    await proxy.open();
    replicas = [await start(), await start()];
    principal = {
      keyId: newId('key_'),
      projectId: 'proj_1',
      scopes: [],
      ...UNLIMITED,
      keyLimits: { requestsPerMinute: 1_000, tokensPerMinute: null, concurrency: 3 },
    };
  });

  afterEach(async () => {
    proxy.freeze(false);
    for (const { service, redis, beat } of replicas) {
      await service.beforeApplicationShutdown();
      beat.beforeApplicationShutdown();
      await redis.close();
    }
    await proxy.cut();
    jest.restoreAllMocks();
  });

  async function start(): Promise<Replica> {
    const redis = await openRedis(redisUrl ?? '', proxy.address);
    const instanceId = newId('inst_');
    await dataSource.query('insert into instance (id) values ($1)', [instanceId]);
    const heartbeat = { instanceId } as InstanceHeartbeatService;
    const beat = new RedisLimitStore(redis.connection, heartbeat, clock, database);
    const inDatabase = new PostgresLimitStore(dataSource, connection, heartbeat, clock);
    const store = new FallbackLimitStore(beat, inDatabase, redis.connection);
    const desk = new LimitDesk(store, new LiveInstances(), clock);
    const service = new LimitsService(new MeterBook(desk, clock), desk, store, clock, new Telemetry());
    service.onModuleInit();
    return { service, redis, beat };
  }

  async function enter(index: number): Promise<LimitTicket | string> {
    const call = new CallContext({ id: 'req_1', surface: 'openai', receivedAt: clock.now(), principal });
    try {
      return (await replicas[index]?.service.enter(call, () => 1)) ?? 'unlimited';
    } catch (error) {
      return error instanceof AppError ? error.code : String(error);
    }
  }

  async function take(index: number): Promise<LimitTicket> {
    const ticket = await enter(index);
    if (typeof ticket === 'string') throw new Error(ticket);
    return ticket;
  }

  async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
    const giveUpAt = performance.now() + 10_000;
    while (!(await holds())) {
      if (performance.now() > giveUpAt) throw new Error('It did not come to that.');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  const rows = async (table: string): Promise<number> => {
    const [row] = await dataSource.query<{ count: number }[]>(`select count(*)::int as count from ${table}`);
    return row?.count ?? -1;
  };
  const seatsInDatabase = async (): Promise<number> => {
    const sql = `select coalesce(sum(seats), 0)::int as sum from limit_seat where meter like '%' || $1 || '%'`;
    const [row] = await dataSource.query<{ sum: number }[]>(sql, [principal.keyId]);
    return row?.sum ?? -1;
  };
  const isUsable = (expected: boolean) => () => replicas.every(({ redis }) => redis.connection.isUsable === expected);

  it('counts in Redis and not in the database while it answers', async () => {
    await Promise.all([take(0), take(1), take(0)]);
    expect(await enter(1)).toBe('concurrency_limit');
    expect(await rows('limit_seat')).toBe(0);
    expect(warnings).toEqual([]);
  });

  it('goes on in the database with the same seats, says so once, and comes back', async () => {
    const tickets = [await take(0), await take(1)];
    await proxy.cut();
    await until(isUsable(false));
    // Nobody asked for anything, and yet the seats are known there.
    await until(async () => (await seatsInDatabase()) === 2);
    tickets.push(await take(0));
    expect(await enter(1)).toBe('concurrency_limit');
    tickets[0]?.leave();
    tickets.push(await take(1));
    expect(warnings.filter((warning) => warning.includes('Redis'))).toHaveLength(2);

    await proxy.open();
    await until(isUsable(true));
    for (const index of [0, 1]) expect(await enter(index)).toBe('concurrency_limit');
    for (const ticket of tickets) ticket.leave();
    for (const index of [0, 1, 0]) await take(index);
    expect(await enter(1)).toBe('concurrency_limit');
  });

  it('does not wait long for a Redis that keeps silent', async () => {
    await take(0);
    proxy.freeze(true);
    const outcomes = await Promise.all(Array.from({ length: 20 }, (_, index) => enter(index % 2)));
    expect(outcomes.filter((outcome) => typeof outcome !== 'string').length).toBeLessThanOrEqual(3);
    expect(outcomes.filter((outcome) => outcome === 'dependency_unavailable')).toEqual([]);
    expect(warnings.filter((warning) => warning.includes('Redis')).length).toBeLessThanOrEqual(2);
  });
});
