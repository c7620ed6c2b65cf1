import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { DataSource, type MigrationInterface, type QueryRunner } from 'typeorm';
import { AppError } from '../../src/core/errors/app-error.js';
import { createDataSource, dataSourceOptions } from '../../src/database/create-data-source.js';
import { DatabaseConnection } from '../../src/database/database-connection.js';
import { migrate } from '../../src/database/migrate.js';
import { MIGRATIONS } from '../../src/database/migrations/migrations.js';
import { createTestSchema, dropTestSchema, runsOnServer, type TestDatabase, withClient } from '../support/database.js';

describe('database', () => {
  let config: TestDatabase;
  let connection: DatabaseConnection;
  const open: DataSource[] = [];

  async function connect(): Promise<DataSource> {
    const dataSource = new DataSource(dataSourceOptions(connection));
    await dataSource.initialize();
    open.push(dataSource);
    return dataSource;
  }

  beforeEach(async () => {
    config = await createTestSchema();
    connection = await DatabaseConnection.open(config);
  });

  afterEach(async () => {
    await Promise.all(open.splice(0).map((dataSource) => dataSource.destroy()));
    await connection.close();
    await dropTestSchema(config);
  });

  it('knows which database answers', () => {
    expect(connection.isEmbedded).toBe(!runsOnServer);
    expect(connection.isOwner).toBe(false);
  });

  it('migrates an empty database once', async () => {
    const dataSource = await connect();
    expect(await migrate(dataSource, config.schema, MIGRATIONS)).toEqual(MIGRATIONS.map(({ name }) => name));
    expect(await migrate(dataSource, config.schema, MIGRATIONS)).toEqual([]);
    const rows: unknown[] = await dataSource.query(`select 1 from project where id = 'proj_default'`);
    expect(rows).toHaveLength(1);
  });

  it('O26: two that migrate at the same moment share the work', async () => {
    const [first, second] = [await connect(), await connect()];
    const ran = await Promise.all([
      migrate(first, config.schema, MIGRATIONS),
      migrate(second, config.schema, MIGRATIONS),
    ]);
    expect(ran.flat().sort()).toEqual(MIGRATIONS.map(({ name }) => name).sort());
  });

  it('O26: a migration that fails half way leaves nothing behind, and the next start repairs it', async () => {
    let isBroken = true;
    class HalfWay1790000000000 implements MigrationInterface {
      async up(queryRunner: QueryRunner): Promise<void> {
        await queryRunner.query('create table half_way (id text)');
        if (isBroken) throw new Error('The process died.');
      }
      down(): Promise<void> {
        return Promise.reject(new Error('Migrations only go forward.'));
      }
    }
    const dataSource = await connect();
    const all = [...MIGRATIONS, HalfWay1790000000000];
    await expect(migrate(dataSource, config.schema, all)).rejects.toThrow('The process died.');
    const tables: unknown[] = await dataSource.query(`select to_regclass('half_way') as name`);
    expect(tables).toEqual([{ name: null }]);
    isBroken = false;
    expect(await migrate(dataSource, config.schema, all)).toEqual(['HalfWay1790000000000']);
  });

  it('refuses a schema that a newer version migrated', async () => {
    const dataSource = await createDataSource(connection, dataSourceOptions(connection));
    open.push(dataSource);
    await dataSource.query(`insert into migration (timestamp, name) values (1999999999999, 'Later1999999999999')`);
    await expect(createDataSource(connection, dataSourceOptions(connection))).rejects.toMatchObject({
      reason: 'newer-schema',
      message: expect.stringContaining('Later1999999999999'),
    });
  });

  it('gives each connection its own schema and its own unnamed statement', async () => {
    const other = await createTestSchema();
    const otherConnection = await DatabaseConnection.open({ ...other, url: config.url });
    const dataSource = await connect();
    const otherSource = new DataSource(dataSourceOptions(otherConnection));
    open.push(await otherSource.initialize());
    const large = 'x'.repeat(400_000);
    const results = await Promise.all(
      Array.from({ length: 60 }, async (_, index): Promise<unknown[]> => {
        const source = index % 2 === 0 ? dataSource : otherSource;
        return await source.query(
          `select length($1::text) as length, $2::int as index, current_setting('search_path') as path`,
          [index % 3 === 0 ? large : 'small', index],
        );
      }),
    );
    expect(results.flat()).toEqual(
      results.map((_, index) => ({
        length: index % 3 === 0 ? 400_000 : 5,
        index,
        path: `${index % 2 === 0 ? config.schema : other.schema}, public`.replace(', ', ','),
      })),
    );
  });

  it('keeps transactions of several connections apart and rolls back what a lost connection left open', async () => {
    const dataSource = await connect();
    await migrate(dataSource, config.schema, MIGRATIONS);
    await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const work = dataSource.transaction(async (manager) => {
          await manager.query(`insert into instance (id) values ($1)`, [`inst_${String(index)}`]);
          if (index % 2 === 0) throw new Error('rolled back');
        });
        await work.catch(() => undefined);
      }),
    );
    await withClient(config, async (client) => {
      await client.query('begin');
      await client.query(`insert into instance (id) values ('inst_lost')`);
    });
    const rows: unknown[] = await dataSource.query('select id from instance');
    expect(rows).toHaveLength(10);
  });

  it('O01: says dependency_unavailable when the server cannot be reached', async () => {
    const dataSource = await connect();
    const pool = (dataSource.driver as unknown as { master: { options: { host?: string; port?: number } } }).master;
    const { AvailabilityPool } = await import('../../src/database/availability-pool.js');
    const away = new AvailabilityPool({
      ...pool.options,
      connectionString: 'postgresql://postgres@127.0.0.1:9/postgres',
    });
    const failure: unknown = await away.query('select 1').catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(AppError);
    expect(failure).toMatchObject({ code: 'dependency_unavailable' });
    await away.end();
  });

  // The embedded database has one session, which cannot be ended alone.
  if (runsOnServer) {
    it('O02: lost connections end what ran on them and nothing else', async () => {
      const dataSource = await connect();
      await migrate(dataSource, config.schema, MIGRATIONS);
      const pids = await Promise.all(
        Array.from({ length: config.poolSize }, async () => {
          const rows = await dataSource.query<{ pid: number }[]>('select pg_backend_pid() as pid from pg_sleep(0.05)');
          return rows[0]?.pid;
        }),
      );
      expect(new Set(pids).size).toBe(config.poolSize);
      let isOpen = (): void => undefined;
      const opened = new Promise<void>((resolve) => (isOpen = resolve));
      const lost: Promise<unknown> = dataSource.transaction(async (manager) => {
        await manager.query(`insert into instance (id) values ('inst_lost')`);
        isOpen();
        await manager.query('select pg_sleep(10)');
      });
      const outcome = expect(lost).rejects.toMatchObject({ driverError: { code: 'dependency_unavailable' } });
      await opened;
      const gone = removals(dataSource, pids.length);
      await withClient(config, (client) =>
        client.query('select pg_terminate_backend(pid) from unnest($1::int[]) as pid', [pids]),
      );
      await outcome;
      // A query may still be given a connection whose end has not arrived yet, and fails with it.
      await gone;
      const after = await Promise.all(pids.map(() => dataSource.query('select id from instance')));
      expect(after.flat()).toEqual([]);
    });

    it('says what the user of the URL may not do', async () => {
      const role = `${config.schema}_user`;
      await withClient(config, (client) => client.query(`create role ${role} login password 'limited'`));
      try {
        const url = new URL(config.url);
        Object.assign(url, { username: role, password: 'limited' });
        const limited = await DatabaseConnection.open({ ...config, url: url.href });
        await expect(createDataSource(limited, dataSourceOptions(limited))).rejects.toMatchObject({
          reason: 'missing-privilege',
          message: expect.stringContaining(config.schema),
        });
      } finally {
        await withClient(config, (client) => client.query(`drop role ${role}`));
      }
    });
  }

  it('says clearly that the server cannot be reached at the start', async () => {
    await expect(
      DatabaseConnection.open({ ...config, url: 'postgresql://postgres@127.0.0.1:9/postgres' }),
    ).rejects.toMatchObject({ reason: 'unreachable', message: expect.stringContaining('DATABASE_URL') });
  });

  it('refuses a schema name that is none', async () => {
    await expect(DatabaseConnection.open({ ...config, schema: 'a"b' })).rejects.toMatchObject({
      reason: 'invalid-schema',
    });
  });
});

/** Resolves once the pool has parted with `count` connections. */
function removals(dataSource: DataSource, count: number): Promise<void> {
  const { master } = dataSource.driver as unknown as { master: pg.Pool };
  return new Promise((resolve) => {
    let left = count;
    master.on('remove', () => {
      left -= 1;
      if (left === 0) resolve();
    });
  });
}
