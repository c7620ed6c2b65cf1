import { resolve } from 'node:path';
import { statSync } from 'node:fs';
import { writeBackup } from './backup-file.js';
import type { CommandCall } from './command.js';
import { assertStopped, hasUnsettled, openDatabase } from './open-database.js';
import { readWords } from './read-words.js';
import { withDataOf } from './read-database.js';

const USAGE = 'npm run backup -- FILE [--online]';

/** `backup FILE`: everything in the configured database, as it is at one moment, in one file. */
export async function backup({ environment, words, version, print }: CommandCall): Promise<number> {
  const given = readWords(words, { online: { type: 'boolean' } }, { names: 1, usage: USAGE });
  const file = resolve(given.names[0] ?? '');
  const { database, secrets } = environment;
  if (database.url === null && !given.has('online')) {
    assertStopped(database.dataDir, 'Stop it, or add --online: its requests wait then until the backup is written.');
  }
  const connection = await openDatabase(database);
  try {
    const { tables } = await withDataOf(connection, version, async (data) => {
      await writeBackup(file, data);
      return data.contents;
    });
    const rows = tables.reduce((sum, table) => sum + table.rows, 0);
    print(
      `${String(rows)} rows of ${String(tables.length)} tables are in ${file} (${String(statSync(file).size)} bytes).`,
    );
  } finally {
    await connection.close();
  }
  print('It holds what the database holds: prompts, documents, hashes of keys. Keep it as you keep those.');
  if (secrets.secret !== null)
    print('Without TRUNKLINE_SECRET the secrets of tools and webhooks in it cannot be read.');
  else if (secrets.file !== null)
    print(`Keep ${secrets.file} too: the secrets of tools and webhooks are closed under it.`);
  if (hasUnsettled(database.dataDir)) {
    print(`Keep ${database.dataDir}/ledger too: what it holds is settled by the next start, and is not in the backup.`);
  }
  return 0;
}
