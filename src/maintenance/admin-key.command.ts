import { recoverAdminKey } from '../auth/first-run-key.js';
import { createDataSource, dataSourceOptions } from '../database/create-data-source.js';
import type { CommandCall } from './command.js';
import { openDatabase } from './open-database.js';
import { readWords } from './read-words.js';

const USAGE = 'npm run admin-key';

/** `admin-key`: a new admin key for somebody who lost every other, whether a server runs or not. Stands in the audit log. */
export async function adminKey({ environment, words, print }: CommandCall): Promise<number> {
  readWords(words, {}, { names: 0, usage: USAGE });
  const connection = await openDatabase(environment.database);
  try {
    const dataSource = await createDataSource(connection, dataSourceOptions(connection));
    try {
      const { id, key } = await recoverAdminKey(dataSource);
      print(`Admin key  ${key}`);
      print(`(${id}, shown this once. Revoke keys that others may have: DELETE /admin/keys/ID.)`);
    } finally {
      await dataSource.destroy();
    }
    return 0;
  } finally {
    await connection.close();
  }
}
