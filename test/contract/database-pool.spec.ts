import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type pg from 'pg';
import { AvailabilityPool } from '../../src/database/connection-failure.js';
import { createTestSchema, dropTestSchema, type TestDatabase } from '../support/database.js';

const STALL_MS = 300;
const HOLD_MS = 100;
let database: TestDatabase;
let pool: AvailabilityPool;

beforeEach(async () => {
  database = await createTestSchema();
  pool = new AvailabilityPool({ connectionString: database.url, max: 1, connectionTimeoutMillis: STALL_MS });
});

afterEach(async () => {
  await pool.end();
  await dropTestSchema(database);
});

async function hold(client: pg.PoolClient): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, HOLD_MS));
  client.release();
}

it('lets a crowd wait for its turn while connections come free, however long the queue', async () => {
  const crowd = Array.from({ length: 10 }, () => pool.connect().then(hold));
  expect(await Promise.allSettled(crowd)).toEqual(crowd.map(() => ({ status: 'fulfilled', value: undefined })));
});

it('says dependency_unavailable when none comes free, and goes on when one does', async () => {
  const held = await pool.connect();
  await expect(pool.connect()).rejects.toMatchObject({ code: 'dependency_unavailable' });
  await expect(pool.query('select 1')).rejects.toMatchObject({ code: 'dependency_unavailable' });
  held.release();
  expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  expect(pool).toMatchObject({ totalCount: 1, idleCount: 1, waitingCount: 0 });
});
