import type pg from 'pg';
import type { DatabaseConnection } from '../database/database-connection.js';
import type { Contents, DataSet, Piece, TableContents } from './data-set.js';
import { digestTable } from './digest-table.js';
import { findQueueVersion, findSequences, findTables } from './find-tables.js';
import { MaintenanceError } from './maintenance-error.js';
import { inTransaction } from './open-session.js';
import { readRows } from './read-rows.js';
import { quotedSchema } from './schema-names.js';

/**
 * Gives `use` everything that Trunkline keeps in a database, as it is at one moment, whoever writes meanwhile; on the
 * embedded database everybody else waits meanwhile. Throws MaintenanceError when there is nothing yet.
 */
export function withDataOf<T>(
  connection: DatabaseConnection,
  version: string,
  use: (data: DataSet) => Promise<T>,
): Promise<T> {
  return inTransaction(connection, 'isolation level repeatable read read only', async (client) => {
    const contents = await readContents(client, connection.schema, version);
    return use({ contents, pieces: () => readPieces(client, connection.schema, contents) });
  });
}

async function readContents(client: pg.Client, schema: string, version: string): Promise<Contents> {
  const main = quotedSchema(schema, 'main');
  const exists = await client.query<{ name: string | null }>('select to_regclass($1)::text as name', [
    `${main}.migration`,
  ]);
  if (!exists.rows[0]?.name)
    throw new MaintenanceError(`The database holds no data of Trunkline in the schema ${main}.`);
  const migrations = await client.query<{ name: string }>(`select name from ${main}.migration order by id`);
  const tables: TableContents[] = [];
  for (const table of await findTables(client, schema)) {
    tables.push({ ...table, ...(await digestTable(client, schema, table)) });
  }
  return {
    version,
    createdAt: new Date().toISOString(),
    migrations: migrations.rows.map(({ name }) => name),
    queueVersion: await findQueueVersion(client, schema),
    tables,
    sequences: await findSequences(client, schema),
  };
}

async function* readPieces(client: pg.Client, schema: string, { tables }: Contents): AsyncIterable<Piece> {
  for (const [index, table] of tables.entries()) {
    if (table.rows === 0) continue;
    for await (const rows of readRows(client, schema, table)) yield { table: index, rows };
  }
}
