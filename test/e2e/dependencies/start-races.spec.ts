import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { MIGRATIONS } from '../../../src/database/migrations/migrations.js';
import {
  createTestSchema,
  dropTestSchema,
  runsOnServer,
  type TestDatabase,
  withClient,
} from '../../support/database.js';
import { startTestApp } from '../../support/test-app.js';

const START = fileURLToPath(new URL('../../../scripts/start.mjs', import.meta.url));
const MIGRATION_LOCK = 7_821_940_561;
const HALF = Math.floor(MIGRATIONS.length / 2);
// Builds what is not built.
const LONG_MS = 180_000;

if (!runsOnServer) {
  process.stdout.write(
    'Two that start at once are left out: the embedded database has one owner, and refuses others.\n',
  );
}

(runsOnServer ? describe : describe.skip)('an empty database', () => {
  let database: TestDatabase;

  beforeEach(async () => {
    database = await createTestSchema();
  });

  afterEach(() => dropTestSchema(database));

  const migrated = (): Promise<string[]> =>
    withClient(database, async (client) => {
      const { rows } = await client.query<{ name: string }>('select name from migration order by id');
      return rows.map(({ name }) => name);
    });

  it('O26 is made ready once by two replicas that find it at the same moment', async () => {
    const apps = await Promise.all([startTestApp({ database }), startTestApp({ database })]);
    for (const app of apps) expect((await app.get('/health/ready', { key: null })).status).toBe(200);
    expect(await migrated()).toEqual(MIGRATIONS.map(({ name }) => name));
    await Promise.all(apps.map((app) => app.close()));
  });

  it(
    'O26 is finished by the next start where the one before was killed half-way',
    async () => {
      const directory = mkdtempSync(join(tmpdir(), 'trunkline-half-'));
      const env = { DATABASE_URL: database.url, DATABASE_SCHEMA: database.schema, TRUNKLINE_DATA_DIR: directory };
      const child = spawn(process.execPath, [START], {
        env: { PATH: process.env.PATH, PORT: '0', ...env },
        stdio: 'ignore',
      });
      const gone = once(child, 'exit');
      await withClient(database, async (client) => {
        while ((await countMigrated(client)) < HALF) await delay(1);
        // Whoever migrates takes it anew for every step, and waits behind us for the next.
        await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
        expect(await countMigrated(client)).toBeLessThan(MIGRATIONS.length);
        child.kill('SIGKILL');
        await gone;
        await client.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]);
      });
      const app = await startTestApp({ database });
      expect((await app.get('/health/ready', { key: null })).status).toBe(200);
      expect(await migrated()).toEqual(MIGRATIONS.map(({ name }) => name));
      await app.close();
      rmSync(directory, { recursive: true });
    },
    LONG_MS,
  );
});

async function countMigrated(client: pg.Client): Promise<number> {
  // Neither schema nor table is there at first.
  const { rows } = await client.query<{ there: boolean }>(`select to_regclass('migration') is not null as there`);
  if (rows[0]?.there !== true) return 0;
  const { rows: counted } = await client.query<{ count: number }>('select count(*)::int as count from migration');
  return counted[0]?.count ?? 0;
}
