import pg from 'pg';
import { forgetPrevious, replaceSecret } from '../auth/secrets/obtain-secret.js';
import { SecretBox } from '../auth/secrets/secret-box.js';
import { createDataSource, dataSourceOptions } from '../database/create-data-source.js';
import type { CommandCall } from './command.js';
import { MaintenanceError } from './maintenance-error.js';
import { assertEmbedded, assertStopped, openDatabase } from './open-database.js';
import { readWords } from './read-words.js';
import { renewSecrets } from './renew-secrets.js';

const USAGE = 'npm run rotate-secret';

/**
 * `rotate-secret`: closes what is stored under `TRUNKLINE_SECRET_PREVIOUS` anew under `TRUNKLINE_SECRET`; where the server
 * made its secret itself, makes a new one first. May be run again, and after it was cut off.
 */
export async function rotateSecret({ environment, words, print }: CommandCall): Promise<number> {
  readWords(words, {}, { names: 0, usage: USAGE });
  const { database, secrets } = environment;
  const ownFile = secrets.secret === null ? secrets.file : null;
  if (ownFile !== null) {
    assertEmbedded(database.dataDir);
    assertStopped(database.dataDir, 'Stop it first: it would go on with the secret that it read.');
    replaceSecret(ownFile);
  } else if (secrets.secret === null || secrets.previous === null) {
    throw new MaintenanceError(
      'Set TRUNKLINE_SECRET to the new secret and TRUNKLINE_SECRET_PREVIOUS to the old one, here and on every replica.',
    );
  }
  const connection = await openDatabase(database);
  try {
    await (await createDataSource(connection, dataSourceOptions(connection))).destroy();
    const client = new pg.Client(connection.poolConfig({ max: 1 }));
    client.on('error', () => undefined);
    await client.connect();
    const result = await renewSecrets(client, new SecretBox(secrets)).finally(() => client.end());
    print(`${String(result.renewed)} secrets were closed anew, ${String(result.current)} were already.`);
    for (const place of result.unreadable) print(`UNREADABLE  ${place}: neither secret opens it. Give it a new one.`);
    if (result.unreadable.length > 0) return 1;
  } finally {
    await connection.close();
  }
  if (ownFile !== null) forgetPrevious(ownFile);
  print(ownFile === null ? 'Remove TRUNKLINE_SECRET_PREVIOUS now.' : `The new secret is in ${ownFile}. Back it up.`);
  return 0;
}
