import type { DataSource, MigrationInterface, QueryRunner } from 'typeorm';
import { DatabaseStartError } from './database-start-error.js';

type MigrationClass = new () => MigrationInterface;

// One number for the whole database, because an extension belongs to it and not to a schema.
const LOCK_KEY = 7_821_940_561;

/**
 * Brings the schema up to date and resolves with the names of what it ran. Several processes may do this at once: each
 * migration runs in a transaction that holds a lock and looks again whether it is still due, so a crash leaves nothing
 * half done and the others wait and go on. Throws DatabaseStartError `newer-schema` when a newer version was here.
 */
export async function migrate(
  dataSource: DataSource,
  schema: string,
  migrations: readonly MigrationClass[],
): Promise<string[]> {
  await exclusively(dataSource, (runner) => prepare(runner, schema));
  const known = migrations.map((migration) => migration.name);
  const done = new Set(await readDone(dataSource.createQueryRunner()));
  const unknown = [...done].filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new DatabaseStartError(
      'newer-schema',
      `The database was migrated by a newer version of Trunkline (${unknown.join(', ')}). Start that version or a newer one.`,
    );
  }
  const ran: string[] = [];
  for (const migration of migrations) {
    if (done.has(migration.name)) continue;
    const wasDue = await exclusively(dataSource, (runner) => runIfDue(runner, migration));
    if (wasDue) ran.push(migration.name);
  }
  return ran;
}

async function prepare(runner: QueryRunner, schema: string): Promise<void> {
  // Asked first, because `create schema if not exists` wants the right to create one even when there is nothing to do.
  if (!(await exists(runner, 'select 1 from pg_namespace where nspname = $1', [schema])))
    await runner.query(`create schema "${schema}"`);
  if (await exists(runner, `select 1 from pg_tables where schemaname = $1 and tablename = 'migration'`, [schema]))
    return;
  await runner.query(`
    create table "${schema}".migration (
      id serial not null,
      timestamp bigint not null,
      name text not null,
      constraint migration_pkey primary key (id),
      constraint migration_name_key unique (name)
    )`);
}

async function runIfDue(runner: QueryRunner, migration: MigrationClass): Promise<boolean> {
  const { name } = migration;
  if (await exists(runner, 'select 1 from migration where name = $1', [name])) return false;
  await new migration().up(runner);
  await runner.query('insert into migration (timestamp, name) values ($1, $2)', [/\d{13}$/.exec(name)?.[0], name]);
  return true;
}

async function exists(runner: QueryRunner, query: string, parameters: unknown[]): Promise<boolean> {
  const rows = (await runner.query(query, parameters)) as unknown[];
  return rows.length > 0;
}

async function readDone(runner: QueryRunner): Promise<string[]> {
  try {
    const rows = (await runner.query('select name from migration')) as { name: string }[];
    return rows.map((row) => row.name);
  } finally {
    await runner.release();
  }
}

async function exclusively<T>(dataSource: DataSource, work: (runner: QueryRunner) => Promise<T>): Promise<T> {
  const runner = dataSource.createQueryRunner();
  try {
    await runner.startTransaction();
    await runner.query('set local statement_timeout = 0');
    await runner.query('select pg_advisory_xact_lock($1)', [LOCK_KEY]);
    const result = await work(runner);
    await runner.commitTransaction();
    return result;
  } catch (error) {
    if (runner.isTransactionActive) await runner.rollbackTransaction();
    throw error;
  } finally {
    await runner.release();
  }
}
