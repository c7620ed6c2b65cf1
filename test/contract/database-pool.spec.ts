import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { AvailabilityPool, MOST_WAITING } from '../../src/database/availability-pool.js';
import { createTestSchema, dropTestSchema, runsOnServer, type TestDatabase, withClient } from '../support/database.js';
import { TcpProxy } from '../support/tcp-proxy.js';

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

it('O04 lets so many wait and no more', async () => {
  const held = await pool.connect();
  const waiting = Array.from({ length: MOST_WAITING }, () =>
    pool.connect().then((client) => {
      client.release();
    }),
  );
  const late = await pool.connect().catch((error: unknown) => error);
  expect(late).toMatchObject({ code: 'dependency_unavailable', retryAfterMs: 1_000 });
  held.release();
  expect(new Set((await Promise.allSettled(waiting)).map(({ status }) => status))).toEqual(new Set(['fulfilled']));
});

(runsOnServer ? it : it.skip)('O04 says dependency_unavailable where the server has no connection left', async () => {
  const role = `${database.schema}_one`;
  await withClient(database, (client) => client.query(`create role ${role} login password 'one' connection limit 1`));
  const url = new URL(database.url);
  Object.assign(url, { username: role, password: 'one' });
  const crowded = new AvailabilityPool({ connectionString: url.href, max: 2 });
  const only = await crowded.connect();
  await expect(crowded.connect()).rejects.toMatchObject({ code: 'dependency_unavailable' });
  only.release();
  expect((await crowded.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  await crowded.end();
  await withClient(database, (client) => client.query(`drop role ${role}`));
});

// Through a proxy, which only a server has.
(runsOnServer ? describe : describe.skip)('a server that does not answer', () => {
  const answerTimeoutMillis = 200;
  let proxy: TcpProxy;
  let far: AvailabilityPool;

  beforeEach(async () => {
    const url = new URL(database.url);
    proxy = new TcpProxy(url.hostname, Number(url.port));
    await proxy.open();
    url.host = proxy.address;
    far = new AvailabilityPool({ connectionString: url.href, max: 1, answerTimeoutMillis });
    // A connection that breaks in the pool is nobody's concern.
    far.on('error', () => undefined);
  });

  afterEach(async () => {
    await far.end();
    await proxy.cut();
  });

  it.each(['a promise', 'a callback'])('O03 keeps no connection for ever (%s)', async (way) => {
    const client = await far.connect();
    client.on('error', () => undefined);
    proxy.freeze(true);
    const lost =
      way === 'a promise'
        ? client.query('select 1')
        : new Promise((_resolve, reject) => {
            client.query('select 1', (error) => {
              reject(error);
            });
          });
    await expect(lost).rejects.toThrow();
    client.release(true);
    proxy.freeze(false);
    expect((await far.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  });

  it('waits for a statement that was given more time, and not for the next user of the connection', async () => {
    const patient = await far.connect();
    await patient.query('set statement_timeout = 0');
    const slow = `select pg_sleep(${String((3 * answerTimeoutMillis) / 1_000)})`;
    expect((await patient.query(slow)).rowCount).toBe(1);
    patient.release();
    await expect(far.query(slow)).rejects.toThrow();
  });
});
