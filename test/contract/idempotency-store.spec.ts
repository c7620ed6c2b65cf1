import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { createDataSource, dataSourceOptions } from '../../src/database/create-data-source.js';
import { DatabaseConnection } from '../../src/database/database-connection.js';
import type { InstanceHeartbeatService } from '../../src/database/instance-heartbeat.service.js';
import type { ClaimBook } from '../../src/idempotency/claim-book.service.js';
import { IdempotencySweeper } from '../../src/idempotency/idempotency-sweeper.service.js';
import { type ClaimRequest, IdempotencyStore } from '../../src/idempotency/idempotency-store.js';
import { createTestSchema, dropTestSchema, type TestDatabase } from '../support/database.js';
import { FakeClock } from '../support/fake-clock.js';

const CONFIG = { keptSeconds: 86_400, answerLimitBytes: 1_000, storageLimitBytes: 1_000 };

describe('the store of answers', () => {
  let database: TestDatabase;
  let connection: DatabaseConnection;
  let dataSource: DataSource;
  let store: IdempotencyStore;
  let other: IdempotencyStore;

  beforeAll(async () => {
    database = await createTestSchema();
    connection = await DatabaseConnection.open(database);
    dataSource = await createDataSource(connection, dataSourceOptions(connection));
    store = storeOf('one');
    other = storeOf('other');
  });

  beforeEach(async () => {
    await dataSource.query('delete from idempotency_record');
    await dataSource.query('delete from instance');
    await dataSource.query(`insert into instance (id) values ('one'), ('other')`);
  });

  afterAll(async () => {
    await dataSource.destroy();
    await connection.close();
    await dropTestSchema(database);
  });

  const storeOf = (instanceId: string): IdempotencyStore =>
    new IdempotencyStore(dataSource, { instanceId } as InstanceHeartbeatService, CONFIG);

  const claimOf = (rest: Partial<ClaimRequest> = {}): ClaimRequest => ({
    keyId: 'key_1',
    name: 'name',
    projectId: 'proj_1',
    claimId: randomUUID(),
    requestId: 'req_1',
    fingerprint: 'print',
    ...rest,
  });

  const answer = (text: string): { fingerprint: string; answer: Buffer } => ({
    fingerprint: 'print',
    answer: Buffer.from(text),
  });

  const die = (instanceId: string): Promise<unknown> =>
    dataSource.query(`update instance set heartbeat_at = now() - interval '31 seconds' where id = $1`, [instanceId]);

  const names = async (): Promise<string[]> => {
    const rows = await dataSource.query<{ name: string }[]>('select name from idempotency_record order by name');
    return rows.map(({ name }) => name);
  };

  it('gives a claim to one of many', async () => {
    const claims = Array.from({ length: 20 }, (_, index) => claimOf({ requestId: `req_${String(index)}` }));
    const found = await Promise.all(claims.map((claim, index) => (index % 2 === 0 ? store : other).claim(claim)));
    expect(found.filter((one) => one === null)).toHaveLength(1);
    const winner = claims[found.indexOf(null)];
    for (const one of found) {
      if (one) expect(one).toEqual({ fingerprint: 'print', answer: null, requestId: winner?.requestId });
    }
  });

  it('tells API keys and names apart', async () => {
    const claims = [claimOf(), claimOf({ keyId: 'key_2' }), claimOf({ name: 'other' })];
    expect(await Promise.all(claims.map((claim) => store.claim(claim)))).toEqual([null, null, null]);
  });

  it('keeps an answer for all, to the byte', async () => {
    const claim = claimOf({ fingerprint: null });
    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, index) => index % 256));
    await store.claim(claim);
    expect(await store.complete(claim, { fingerprint: 'print', answer: bytes })).toBe(true);
    expect(await store.complete(claim, answer('again'))).toBe(false);
    await store.release(claim);
    const found = await other.claim(claimOf());
    expect([found?.fingerprint, found?.answer?.equals(bytes), found?.requestId]).toEqual(['print', true, 'req_1']);
    expect(await store.storedBytes()).toBe(70_000);
  });

  it('is free again when a claim is released', async () => {
    const claim = claimOf();
    await store.claim(claim);
    await store.release(claim);
    expect(await other.claim(claimOf())).toBeNull();
  });

  it('gives the claim of a dead process to the next one, and takes nothing more from the dead', async () => {
    const first = claimOf();
    const second = claimOf({ requestId: 'req_2' });
    await store.claim(first);
    expect(await other.claim(second)).toMatchObject({ answer: null });
    await die('one');
    expect(await other.claim(second)).toBeNull();
    expect(await store.complete(first, answer('late'))).toBe(false);
    await store.release(first);
    expect(await other.complete(second, answer('whole'))).toBe(true);
    const found = await store.claim(claimOf());
    expect([found?.answer?.toString(), found?.requestId]).toEqual(['whole', 'req_2']);
  });

  it('keeps the answer of a process that died after it', async () => {
    const claim = claimOf();
    await store.claim(claim);
    await store.complete(claim, answer('whole'));
    await die('one');
    expect((await other.claim(claimOf()))?.answer?.toString()).toBe('whole');
  });

  it('forgets an answer when its time is over', async () => {
    const claim = claimOf();
    await store.claim(claim);
    await store.complete(claim, answer('old'));
    await dataSource.query(`update idempotency_record set expires_at = now()`);
    expect(await other.claim(claimOf({ fingerprint: 'another' }))).toBeNull();
    expect(await store.storedBytes()).toBe(0);
  });

  describe('is swept', () => {
    async function stored(name: string, projectId: string, bytes: number, ageMinutes: number): Promise<void> {
      const claim = claimOf({ name, projectId });
      await store.claim(claim);
      await store.complete(claim, answer('x'.repeat(bytes)));
      await dataSource.query(
        `update idempotency_record set created_at = now() - make_interval(mins => $2) where name = $1`,
        [name, ageMinutes],
      );
    }

    const sweep = (heldIds: string[] = []): Promise<void> => {
      const book = { heldIds } as unknown as ClaimBook;
      return new IdempotencySweeper(store, book, CONFIG, new FakeClock()).sweep();
    };

    it('of what is over, and of claims that their process does not hold', async () => {
      const age = (name: string): Promise<unknown> =>
        dataSource.query(`update idempotency_record set created_at = now() - interval '3 minutes' where name = $1`, [
          name,
        ]);
      const held = claimOf({ name: 'held' });
      for (const claim of [held, claimOf({ name: 'forgotten' }), claimOf({ name: 'young' })]) await store.claim(claim);
      await other.claim(claimOf({ name: 'of another process' }));
      await stored('kept', 'proj_1', 10, 3);
      await stored('over', 'proj_1', 10, 3);
      for (const name of ['held', 'forgotten', 'of another process']) await age(name);
      await dataSource.query(`update idempotency_record set expires_at = now() where name in ('over', 'held')`);
      await sweep([held.claimId]);
      expect(await names()).toEqual(['held', 'kept', 'of another process', 'young']);
    });

    it('down to the limit, the largest project first and the newest answers last', async () => {
      for (let index = 0; index < 6; index += 1) await stored(`big-${String(index)}`, 'proj_big', 300, 10 + index);
      for (let index = 0; index < 2; index += 1) await stored(`small-${String(index)}`, 'proj_small', 100, 60 + index);
      await sweep();
      expect(await names()).toEqual(['big-0', 'big-1', 'small-0', 'small-1']);
      expect(await store.storedBytes()).toBe(800);
    });
  });
});
