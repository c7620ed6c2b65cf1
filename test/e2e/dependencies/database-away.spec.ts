import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { DatabaseConfig } from '../../../src/config/database-config.js';
import { DatabaseConnection } from '../../../src/database/database-connection.js';
import { runsOnServer, withClient } from '../../support/database.js';
import { FaultWorld } from '../../support/fault-world.js';
import { readSse } from '../../support/read-sse.js';

const STREAMS = 3;
const UNKNOWN_KEY = 'sk-nobody-knows-this-one-and-so-it-is-looked-up';

if (!runsOnServer) {
  process.stdout.write('A sick PostgreSQL is left out: the embedded database lives and dies with its process.\n');
}

(runsOnServer ? describe : describe.skip)('the database away, broken and slow with requests under way', () => {
  let world: FaultWorld;

  beforeAll(async () => {
    world = await FaultWorld.start();
  });

  afterEach(async () => {
    world.proxy.freeze(false);
    await world.readyUntil(200);
    await world.askUntil(200);
    // Every request that reached the provider has one row, and none of them was lost.
    const served = world.provider.requests.length;
    const rows = await world.rows('', served);
    expect([rows.length, new Set(rows.map(({ id }) => id)).size]).toEqual([served, served]);
    expect(new Set(rows.map(({ status }) => status))).toEqual(new Set(['succeeded']));
  });

  afterAll(() => world.stop());

  /** Streams that have begun, and what ends them. */
  async function openStreams(mark: string): Promise<{ finish: () => Promise<void> }> {
    const stalls = Array.from({ length: STREAMS }, () =>
      world.provider.stallAfter(2, { text: 'All of it, to the end.' }),
    );
    const streams = await Promise.all(stalls.map(() => world.ask(mark, { stream: true })));
    return {
      finish: async () => {
        for (const stall of stalls) stall.release();
        for (const stream of streams) expect((await readSse(stream)).at(-1)?.data).toBe('[DONE]');
      },
    };
  }

  it('O01 lets streams under way finish, refuses new requests, and has a row for each when it is back', async () => {
    const streams = await openStreams('stream');
    await world.proxy.cut();
    const refused = await world.askUntil(503);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await refused.json()).toEqual({
      error: { message: expect.any(String), type: 'server_error', param: null, code: 'dependency_unavailable' },
    });
    const other = await world.ask('other', { surface: 'anthropic' });
    expect([other.status, await other.json()]).toEqual([
      503,
      { type: 'error', error: { type: 'api_error', message: expect.any(String) }, request_id: expect.any(String) },
    ]);
    expect((await world.app.get('/health/live', { key: null })).status).toBe(200);
    expect((await world.readyUntil(503)).details).toMatchObject({ database: { status: 'down' } });
    await streams.finish();
    expect(spoolBytes()).toBeGreaterThan(0);
    await world.proxy.open();
    expect((await world.readyUntil(200)).status).toBe('ok');
    expect(await world.rows('stream-', STREAMS)).toHaveLength(STREAMS);
  });

  it('O01 refuses within a second where the server swallows what is sent to it', async () => {
    world.proxy.drop();
    world.proxy.freeze(true);
    const refused = await world.askUntil(503, UNKNOWN_KEY);
    expect(await refused.json()).toMatchObject({ error: { code: 'dependency_unavailable' } });
    expect(world.app.nest.get(DatabaseConnection).poolConfig().connectStallMillis).toBeLessThan(1_000);
  });

  it('O02 survives that its connections are ended, one time after another, in the middle of everything', async () => {
    let killed = 0;
    const answers = await world.under(6, async () => {
      for (let kill = 0; kill < 4; kill += 1) {
        await world.untilServed(5);
        if (kill === 1) world.proxy.drop({ withReset: true });
        else if (kill === 2) world.proxy.halfClose();
        else killed += await world.killBackends();
      }
      world.proxy.resetAfter(400);
      world.proxy.drop();
      await world.askUntil(503);
      world.proxy.resetAfter(null);
    });
    expect(killed).toBeGreaterThan(0);
    expect([...answers.keys()].filter((status) => status !== 200 && status !== 503)).toEqual([]);
    for (const text of answers.get(503) ?? []) expect(text).toContain('dependency_unavailable');
  });

  it('O03 takes its time where the database does, and keeps nobody for ever', async () => {
    const streams = await openStreams('slow');
    world.proxy.freeze(true);
    const waiting = Array.from({ length: 20 }, () => world.ask('waits'));
    await streams.finish();
    await world.readyUntil(503);
    world.proxy.freeze(false);
    const statuses = await Promise.all(waiting.map(async (answer) => (await answer).status));
    expect(statuses.filter((status) => status !== 200 && status !== 503)).toEqual([]);
    Object.assign(world.proxy.down, { latencyMs: 20, bandwidth: 1_000_000 });
    expect((await world.ask('far')).status).toBe(200);
    Object.assign(world.proxy.down, { latencyMs: 0, bandwidth: 0 });
  });

  it('O03 a lock on the hottest table holds up those who need it, and no others', async () => {
    const { key: free } = await world.createKey({});
    const streams = await openStreams('locked');
    await withClient(world.database, async (client) => {
      await client.query('begin');
      await client.query('lock table budget_period in access exclusive mode');
      const paying = Array.from({ length: 20 }, () => world.ask('locked'));
      expect((await world.ask('free', { key: free })).status).toBe(200);
      await streams.finish();
      await client.query('rollback');
      for (const answer of paying) expect((await answer).status).toBe(200);
    });
  });

  function spoolBytes(): number {
    const directory = join(world.app.nest.get(DatabaseConfig).dataDir, 'ledger');
    return readdirSync(directory).reduce((bytes, name) => bytes + statSync(join(directory, name)).size, 0);
  }
});
