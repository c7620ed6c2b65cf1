import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { describe } from '@jest/globals';
import { createClient } from '@redis/client';
import { RedisConnection } from '../../src/cache/redis-connection.js';
import { SystemClock } from '../../src/core/clock.js';
import { OptionalDependencies } from '../../src/core/optional-dependencies.js';
import type { TestDatabase } from './database.js';

const given = process.env.TEST_REDIS_URL ?? '';

/** The Redis of this run (`TEST_REDIS_URL`); null when there is none. */
export const redisUrl = given === '' ? null : given;

/** A `describe` that is skipped, and says so, where the run has no Redis. */
export function describeOnRedis(name: string, cases: () => void): void {
  if (redisUrl === null) {
    describe.skip(`${name} (TEST_REDIS_URL is not set)`, cases);
  } else {
    describe(name, cases);
  }
}

/** A connection of the product's own, names that no other suite uses, and a way around the product. */
export interface TestRedis {
  readonly connection: RedisConnection;
  /** Gives everything in Redis a name of its own. */
  readonly database: TestDatabase;
  readonly prefix: string;
  command(words: string[]): Promise<unknown>;
  close(): Promise<void>;
}

/** Connects to the run's Redis, the product by another address if one is given; what a suite leaves there expires by itself. */
export async function openRedis(url = redisUrl ?? '', address = new URL(url).host): Promise<TestRedis> {
  const schema = `test_${randomBytes(6).toString('hex')}`;
  const connection = new RedisConnection({ url: `redis://${address}` }, new OptionalDependencies(), new SystemClock());
  await connection.onModuleInit();
  const client = createClient({ url });
  await client.connect();
  return {
    connection,
    database: { url: '', dataDir: tmpdir(), schema, poolSize: 1 },
    prefix: `{trunkline:${schema}}:`,
    command: (words) => client.sendCommand(words),
    close: () => {
      connection.onApplicationShutdown();
      client.destroy();
      return Promise.resolve();
    },
  };
}
