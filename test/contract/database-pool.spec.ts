import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { AvailabilityPool, MOST_WAITING } from '../../src/database/availability-pool.js';
import { createTestSchema, dropTestSchema, runsOnServer, type TestDatabase, withClient } from '../support/database.js';
import { TcpProxy } from '../support/tcp-proxy.js';

const STALL_MS = 300;
const CROWD = 10;

describe('the pool of connections', () => {
  let database: TestDatabase;
  let pool: AvailabilityPool;

  beforeEach(async () => {
    database = await createTestSchema();
    // The machine may be as slow as it likes: only tests let time pass for the pool.
    jest.useFakeTimers({
      doNotFake: ['Date', 'hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'clearImmediate'],
    });
    pool = new AvailabilityPool({ connectionString: database.url, max: 1, connectionTimeoutMillis: STALL_MS });
  });

  afterEach(async () => {
    await pool.end();
    jest.useRealTimers();
    await dropTestSchema(database);
  });

  /** Lets time pass for the pool, which looks after what has arrived meanwhile. */
  async function pass(ms: number): Promise<void> {
    jest.advanceTimersByTime(ms);
    await new Promise((resolve) => setImmediate(resolve));
  }

  it('lets a crowd wait for its turn while connections come free, however long the queue', async () => {
    let client = await pool.connect();
    const crowd = Array.from({ length: CROWD }, () => pool.connect());
    const settled = Promise.allSettled(crowd);
    for (const next of crowd) {
      await pass(0.9 * STALL_MS);
      client.release();
      client = await next;
    }
    client.release();
    expect((await settled).map(({ status }) => status)).toEqual(crowd.map(() => 'fulfilled'));
  });

  it('O04 lets them wait while the server answers whoever has the connection: it is busy, and not away', async () => {
    const busy = await pool.connect();
    const waiting = pool.connect();
    for (let count = 0; count < CROWD; count += 1) {
      await busy.query('select 1');
      await pass(STALL_MS);
    }
    busy.release();
    (await waiting).release();
  });

  it('says dependency_unavailable when none comes free, and goes on when one does', async () => {
    const held = await pool.connect();
    const refused = Promise.allSettled([pool.connect(), pool.query('select 1')]);
    await pass(STALL_MS);
    expect(await refused).toMatchObject([
      { reason: { code: 'dependency_unavailable' } },
      { reason: { code: 'dependency_unavailable' } },
    ]);
    held.release();
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    expect(pool).toMatchObject({ totalCount: 1, idleCount: 1, waitingCount: 0 });
  });

  it('watches over all who come at the same moment, though one of them finds a connection idle', async () => {
    (await pool.connect()).release();
    const [held, refused] = [pool.connect(), Promise.allSettled([pool.connect()])];
    const client = await held;
    // In the first of the two somebody got a connection.
    await pass(STALL_MS);
    await pass(STALL_MS);
    expect(await refused).toMatchObject([{ reason: { code: 'dependency_unavailable' } }]);
    client.release();
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
  (runsOnServer ? describe : describe.skip)('before a server that does not answer', () => {
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
      proxy.freeze(false);
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
      const failure = lost.catch((error: unknown) => error);
      await pass(answerTimeoutMillis);
      expect(await failure).toBeInstanceOf(Error);
      client.release(true);
      proxy.freeze(false);
      expect((await far.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    });

    it('waits for a statement that was given more time, and not for the next user of the connection', async () => {
      const patient = await far.connect();
      await patient.query('set statement_timeout = 0');
      proxy.freeze(true);
      const slow = patient.query('select 1');
      for (let count = 0; count < 3; count += 1) await pass(answerTimeoutMillis);
      proxy.freeze(false);
      expect((await slow).rowCount).toBe(1);
      patient.release();
      const next = await far.connect();
      next.on('error', () => undefined);
      proxy.freeze(true);
      const failure = next.query('select 1').catch((error: unknown) => error);
      await pass(answerTimeoutMillis);
      expect(await failure).toBeInstanceOf(Error);
      next.release(true);
    });
  });
});
