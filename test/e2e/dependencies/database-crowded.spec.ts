import { AsyncLocalStorage } from 'node:async_hooks';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DataSource, EntityManager } from 'typeorm';
import { AvailabilityPool } from '../../../src/database/availability-pool.js';
import { runsOnServer, withClient } from '../../support/database.js';
import { FaultWorld } from '../../support/fault-world.js';

const CLIENTS = 200;
const POOL_SIZE = 5;
/** Every so many changes of a table that money is written to fail, as those that lose a conflict do. */
const EVERY = 23;
const CONFLICTS = 150;

if (!runsOnServer) {
  process.stdout.write('A crowded PostgreSQL is left out: the embedded database has one session.\n');
}

(runsOnServer ? describe : describe.skip)(`a pool of ${String(POOL_SIZE)}`, () => {
  let world: FaultWorld;
  let round = 0;

  beforeAll(async () => {
    world = await FaultWorld.start({ poolSize: POOL_SIZE });
  });

  afterEach(() => {
    jest.restoreAllMocks();
  });

  afterAll(() => world.stop());

  const poolOf = (): AvailabilityPool =>
    (world.app.nest.get(DataSource).driver as unknown as { master: AvailabilityPool }).master;

  const REQUESTS: ((index: number) => Promise<Response>)[] = [
    () => world.ask('crowd'),
    () => world.ask('crowd', { stream: true }),
    (index) =>
      world.app.post(
        '/v1/chat/completions',
        { model: 'lab/m', max_tokens: 5, messages: [{ role: 'user', content: 'Hi' }] },
        { key: world.key, headers: { 'idempotency-key': `key-${String(round)}-${String(index)}` } },
      ),
    (index) => world.app.post('/v1/chat', { model: 'lab/m', message: `Hello ${String(index)}`, max_tokens: 5 }),
    (index) =>
      world.app.post('/v1/index', {
        source: `s-${String(index)}.md`,
        content: `The godwit of number ${String(index)} flies.`,
      }),
    (index) =>
      world.app.post('/admin/keys', { name: `k${String(index)}`, budgets: [{ window: 'day', amount_usd: 1 }] }),
    (index) => world.app.post('/v1/collections', { name: `c-${String(round)}-${String(index)}` }),
    (index) => world.app.post('/v1/responses', { model: 'lab/m', input: `Hi ${String(index)}`, max_output_tokens: 16 }),
    () => world.app.post('/v1/query', { question: 'How far?' }),
    () => world.app.get('/v1/usage'),
  ];

  /** All kinds of requests at once; fails unless each of them is answered or told to come again. */
  async function crowd(): Promise<number> {
    round += 1;
    const answers = await Promise.all(
      Array.from({ length: CLIENTS }, async (_, index) => {
        const response = await REQUESTS[index % REQUESTS.length]?.(index);
        const text = await response?.text();
        return { status: response?.status ?? 0, retryAfter: response?.headers.get('retry-after'), text };
      }),
    );
    const refused = answers.filter(({ status }) => status >= 400);
    expect(refused.filter(({ status, retryAfter }) => status !== 503 || Number(retryAfter) < 1)).toEqual([]);
    return CLIENTS - refused.length;
  }

  it(`O04 serves ${String(CLIENTS)} clients, and nothing that holds a connection asks for another one`, async () => {
    const inTransaction = new AsyncLocalStorage<boolean>();
    const offenders: string[] = [];
    let transactions = 0;
    let acquired = 0;
    // eslint-disable-next-line @typescript-eslint/unbound-method -- each is called with the `this` it was called with
    const original = { transaction: EntityManager.prototype.transaction, connect: AvailabilityPool.prototype.connect };
    jest.spyOn(EntityManager.prototype, 'transaction').mockImplementation(function (
      this: EntityManager,
      ...parameters: unknown[]
    ) {
      const work = parameters.pop() as (manager: EntityManager) => Promise<unknown>;
      transactions += 1;
      const watched = (manager: EntityManager): Promise<unknown> => inTransaction.run(true, () => work(manager));
      return original.transaction.call(this, ...([...parameters, watched] as [never, never]));
    });
    jest.spyOn(AvailabilityPool.prototype, 'connect').mockImplementation(function (
      this: AvailabilityPool,
      callback: never,
    ) {
      acquired += 1;
      if (inTransaction.getStore() === true) offenders.push(new Error('A second connection').stack ?? '');
      original.connect.call(this, callback);
    } as never);
    expect(await crowd()).toBe(CLIENTS);
    expect(offenders).toEqual([]);
    expect(transactions).toBeGreaterThan(CLIENTS / 10);
    expect(acquired).toBeGreaterThan(CLIENTS);
    expect(poolOf().totalCount).toBe(POOL_SIZE);
  });

  it('O04 tells those to come again for whom the database has no connections, and serves them when it has', async () => {
    world.proxy.mostConnections = 2;
    world.proxy.drop();
    await crowd();
    world.proxy.mostConnections = Infinity;
    await world.readyUntil(200);
    await world.askUntil(200);
    expect(await crowd()).toBe(CLIENTS);
  });

  it('O05 runs again what lost a conflict, wherever money moves, and the books are exact', async () => {
    const injected = await withClient(world.database, async (client) => {
      await client.query(`
        create sequence conflict_count;
        create sequence conflict_kind;
        create function lose_conflict() returns trigger language plpgsql as $$
        begin
          if nextval('conflict_count') % ${String(EVERY)} = 0 then
            raise exception 'injected' using errcode = (array['40001', '40P01'])[1 + nextval('conflict_kind') % 2];
          end if;
          return null;
        end $$`);
      const { rows: tables } = await client.query<{ name: string }>(
        `select tablename as name from pg_tables where schemaname = $1 and tablename ~ '^(usage|budget|limit)_'`,
        [world.database.schema],
      );
      for (const { name } of tables) {
        await client.query(
          `create trigger lose_conflict before insert or update or delete on ${name} for each statement
           execute function lose_conflict()`,
        );
      }
      const { key } = await world.createKey({
        budgets: [
          { window: 'total', amount_usd: 100 },
          { window: 'day', amount_usd: 100, model: 'lab/m' },
        ],
        limits: { requests_per_minute: 100_000, tokens_per_minute: 10_000_000, concurrency: 100 },
      });
      for (let count = 0; count < CONFLICTS; count += 1) {
        // Each on its own, so that each makes statements of its own.
        expect((await world.ask('conflict', { key, stream: count % 2 === 0 })).status).toBe(200);
      }
      const { rows } = await client.query<{ count: string }>('select last_value as count from conflict_kind');
      await world.rows('conflict-', CONFLICTS);
      for (const { name } of tables) await client.query(`drop trigger lose_conflict on ${name}`);
      return Number(rows[0]?.count);
    });
    expect(injected).toBeGreaterThan(3);
    const mine = await world.rows('conflict-', CONFLICTS);
    expect(mine).toHaveLength(CONFLICTS);
    expect(new Set(mine.map(({ status }) => status))).toEqual(new Set(['succeeded']));
  });
});
