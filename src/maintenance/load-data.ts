import type pg from 'pg';
import type { DatabaseConnection } from '../database/database-connection.js';
import { type DataSet, labelOf, type TableContents } from './data-set.js';
import { digestTable } from './digest-table.js';
import { withoutForeignKeys } from './foreign-keys.js';
import { openRowWriter, type RowWriter } from './insert-rows.js';
import { MaintenanceError } from './maintenance-error.js';
import { inTransaction } from './open-session.js';
import { assertEmpty, finishTarget, prepareTarget } from './prepare-target.js';
import { quoted, quotedSchema } from './schema-names.js';

/**
 * Writes a set of data into an empty database, in one transaction: all of it, with equal numbers of rows and equal digests
 * in every table, or nothing; then brings the tables up to this version. `report` hears of each table. Throws
 * MaintenanceError.
 */
export async function loadData(
  connection: DatabaseConnection,
  data: DataSet,
  report: (line: string) => void,
): Promise<void> {
  const { schema } = connection;
  await prepareTarget(connection, data.contents);
  await inTransaction(connection, '', async (client) => {
    await withoutForeignKeys(client, schema, async () => {
      // Nobody else has the tables any more.
      await assertEmpty(client, schema);
      await client.query(`delete from ${quotedSchema(schema, 'main')}.project`);
      await insertAll(client, schema, data);
    });
    for (const { space, name, value, isCalled } of data.contents.sequences) {
      const sequence = `${quotedSchema(schema, space)}.${quoted(name)}`;
      await client.query('select setval($1::regclass, $2::bigint, $3)', [sequence, value, isCalled]);
    }
    for (const table of data.contents.tables) await verify(client, schema, table, report);
  });
  await finishTarget(connection);
}

async function insertAll(client: pg.Client, schema: string, { contents, pieces }: DataSet): Promise<void> {
  const writers = new Map<number, RowWriter>();
  for await (const { table, rows } of pieces()) {
    const target = contents.tables[table];
    if (!target) throw new MaintenanceError('The data names a table that it does not describe: it is damaged.');
    const writer = writers.get(table) ?? (await openRowWriter(client, schema, target));
    writers.set(table, writer);
    await writer.write(rows);
  }
}

async function verify(
  client: pg.Client,
  schema: string,
  table: TableContents,
  report: (line: string) => void,
): Promise<void> {
  const { columns } = await openRowWriter(client, schema, table);
  const found = await digestTable(client, schema, { ...table, columns });
  // The queue's tables may have lost a column since; the number of rows has to do then.
  const isComparable = columns.length === table.columns.length;
  if (found.rows !== table.rows || (isComparable && found.digest !== table.digest)) {
    throw new MaintenanceError(
      `The rows of ${labelOf(table)} did not arrive as they were: ${String(table.rows)} rows with digest ${table.digest} ` +
        `became ${String(found.rows)} with digest ${found.digest}. Nothing was changed in the target.`,
    );
  }
  if (table.rows > 0) report(`  ${labelOf(table)}: ${String(table.rows)} rows`);
}
