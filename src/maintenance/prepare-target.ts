import pg from 'pg';
import { getConstructionPlans } from 'pg-boss';
import { createDataSource, dataSourceOptions } from '../database/create-data-source.js';
import type { DatabaseConnection } from '../database/database-connection.js';
import { MIGRATIONS } from '../database/migrations/migrations.js';
import type { Contents } from './data-set.js';
import { findQueueVersion, findTables } from './find-tables.js';
import { MaintenanceError } from './maintenance-error.js';
import { inTransaction } from './open-session.js';
import { quoted, quotedSchema } from './schema-names.js';

/** What a database has before anything was stored in it: the default project. */
const FRESH_PROJECTS = 1;

/**
 * Makes the tables that the data was in, as the version that wrote it had them; `finishTarget` brings them up to date. What
 * is there already must be empty. Throws MaintenanceError when it is not, or when the data is newer than this version.
 */
export async function prepareTarget(connection: DatabaseConnection, contents: Contents): Promise<void> {
  const known = MIGRATIONS.map(({ name }) => name);
  const newer = contents.migrations.filter((name) => !known.includes(name));
  if (newer.length > 0) throw isNewer(contents, newer.join(', '));
  await refuseData(connection);
  const wanted = MIGRATIONS.filter(({ name }) => contents.migrations.includes(name));
  const dataSource = await createDataSource(connection, dataSourceOptions(connection), wanted).catch(
    (error: unknown) => {
      throw new MaintenanceError(
        `The tables of the target cannot be made: ${(error as Error).message} An empty database takes any data.`,
        { cause: error },
      );
    },
  );
  await dataSource.destroy();
  if (contents.queueVersion !== null) await prepareQueue(connection, contents, contents.queueVersion);
}

/** Brings the tables up to this version, as a start would. */
export async function finishTarget(connection: DatabaseConnection): Promise<void> {
  const dataSource = await createDataSource(connection, dataSourceOptions(connection));
  await dataSource.destroy();
}

/** Throws MaintenanceError when anything was stored in the database already. */
export async function assertEmpty(client: pg.Client, schema: string): Promise<void> {
  for (const { space, name } of await findTables(client, schema)) {
    const most = space === 'main' && name === 'project' ? FRESH_PROJECTS : 0;
    const { rows } = await client.query<{ count: number }>(
      `select count(*)::int as count
         from (select from ${quotedSchema(schema, space)}.${quoted(name)} limit ${String(most + 1)}) found`,
    );
    if ((rows[0]?.count ?? 0) > most) {
      throw new MaintenanceError(
        `The target is not empty: its table ${quotedSchema(schema, space)}.${quoted(name)} has rows. ` +
          'Nothing was changed. Take an empty database, or another schema (DATABASE_SCHEMA).',
      );
    }
  }
}

function refuseData(connection: DatabaseConnection): Promise<void> {
  return inTransaction(connection, 'read only', (client) => assertEmpty(client, connection.schema));
}

async function prepareQueue(connection: DatabaseConnection, contents: Contents, wanted: number): Promise<void> {
  const find = (): Promise<number | null> =>
    inTransaction(connection, 'read only', (client) => findQueueVersion(client, connection.schema));
  if ((await find()) === null) await makeQueue(connection);
  const made = await find();
  if (made !== null && made < wanted) throw isNewer(contents, `version ${String(wanted)} of the queue's tables`);
}

async function makeQueue(connection: DatabaseConnection): Promise<void> {
  const client = new pg.Client(connection.poolConfig({ max: 1 }));
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(getConstructionPlans(`${connection.schema}_jobs`));
  } finally {
    await client.end();
  }
}

function isNewer({ version }: Contents, what: string): MaintenanceError {
  return new MaintenanceError(
    `The data was written by a newer version of Trunkline (${version}: ${what}). Take that version or a newer one.`,
  );
}
