import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { DatabaseConfig } from '../config/database-config.js';
import { DatabaseConnection } from '../database/database-connection.js';
import { filesIn, replaceFiles } from '../database/embedded/replace-files.js';
import { openBackup } from './backup-file.js';
import { reportLedger } from './check-books.js';
import type { CommandCall } from './command.js';
import type { DataSet } from './data-set.js';
import { loadData } from './load-data.js';
import { MaintenanceError } from './maintenance-error.js';
import { assertStopped } from './open-database.js';
import { readWords } from './read-words.js';

const USAGE = 'npm run restore -- FILE [--replace]';

type Print = CommandCall['print'];

/**
 * `restore FILE`: the database as it was when the backup was made, also by an older version. An embedded one is made beside
 * the present one and takes its place when it is whole; a PostgreSQL database has to be empty.
 */
export async function restore({ environment, words, print }: CommandCall): Promise<number> {
  const given = readWords(words, { replace: { type: 'boolean' } }, { names: 1, usage: USAGE });
  const data = await openBackup(resolve(given.names[0] ?? ''));
  const { version, createdAt } = data.contents;
  print(`The backup was written by Trunkline ${version} at ${createdAt}.`);
  const { database } = environment;
  const isExact =
    database.url === null
      ? await restoreEmbedded(database, data, { mayReplace: given.has('replace'), print })
      : await load(database, data, print);
  print('Restored. Start the server with the TRUNKLINE_SECRET (or the file `secret`) that belonged to it.');
  return isExact ? 0 : 1;
}

async function restoreEmbedded(
  database: DatabaseConfig,
  data: DataSet,
  { mayReplace, print }: { mayReplace: boolean; print: Print },
): Promise<boolean> {
  const { dataDir, schema, poolSize } = database;
  assertStopped(dataDir, 'Stop it first.');
  if (existsSync(filesIn(dataDir)) && !mayReplace) {
    throw new MaintenanceError(
      `There is a database in ${dataDir} already. Add --replace to put the backup in its place (it is kept beside it), ` +
        'or set TRUNKLINE_DATA_DIR to another directory.',
    );
  }
  let isExact = true;
  const aside = await replaceFiles(dataDir, async (draft) => {
    isExact = await load({ url: null, dataDir: draft, schema, poolSize }, data, print);
  });
  if (aside !== null) print(`The database that was there is in ${aside}; remove it when it is not needed any more.`);
  return isExact;
}

async function load(config: DatabaseConfig, data: DataSet, print: Print): Promise<boolean> {
  const connection = await DatabaseConnection.open(config);
  try {
    await loadData(connection, data, print);
    return await reportLedger(connection, print);
  } finally {
    await connection.close();
  }
}
