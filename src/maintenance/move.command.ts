import { resolve } from 'node:path';
import { DatabaseConnection } from '../database/database-connection.js';
import { createDataSource, dataSourceOptions } from '../database/create-data-source.js';
import { readTextFile } from '../config/read-text-file.js';
import { isServiceUrl } from '../config/variable-validators.js';
import { reportLedger } from './check-books.js';
import type { CommandCall } from './command.js';
import { loadData } from './load-data.js';
import { MaintenanceError } from './maintenance-error.js';
import { assertEmbedded, assertStopped, atUrl, hasUnsettled } from './open-database.js';
import { readWords, type Words } from './read-words.js';
import { withDataOf } from './read-database.js';

const USAGE = 'npm run move -- --to postgres://user:password@host:5432/database (or --to-file FILE with the URL)';

/**
 * `move --to URL`: everything from the embedded database of a stopped server into an empty PostgreSQL database, whole or
 * not at all. The embedded one stays as it is.
 */
export async function move({ environment, words, version, print }: CommandCall): Promise<number> {
  const given = readWords(words, { to: { type: 'string' }, 'to-file': { type: 'string' } }, { names: 0, usage: USAGE });
  const url = readUrl(given);
  const embedded = atUrl(environment.database, null);
  const { dataDir } = embedded;
  assertEmbedded(dataDir);
  assertStopped(dataDir, 'Stop it first, so that nothing changes while it is copied.');
  if (hasUnsettled(dataDir)) {
    throw new MaintenanceError(
      `The last server in ${dataDir} did not end by itself, and its write-ahead files hold costs that the database does ` +
        'not know. Start it once more, without DATABASE_URL, stop it, and move then.',
    );
  }
  const source = await DatabaseConnection.open(embedded);
  try {
    const target = await DatabaseConnection.open(atUrl(environment.database, url));
    if (target.isEmbedded)
      throw new MaintenanceError('The target is an embedded database, too. Name a PostgreSQL server.');
    // An older version's tables are brought up to date first, as a start would do it.
    await (await createDataSource(source, dataSourceOptions(source))).destroy();
    await withDataOf(source, version, (data) => loadData(target, data, print));
    const isExact = await reportLedger(target, print);
    for (const line of nextSteps(environment)) print(line);
    return isExact ? 0 : 1;
  } finally {
    await source.close();
  }
}

function readUrl(given: Words): string {
  const [named, file] = [given.text('to'), given.text('to-file')];
  if ((named === null) === (file === null)) throw new MaintenanceError(`Usage: ${USAGE}`);
  const url = named ?? readUrlFile(resolve(file ?? ''));
  if (isServiceUrl(url, ['postgres:', 'postgresql:'])) return url;
  throw new MaintenanceError(
    'The target has to be a URL that begins with postgres://, with odd characters in its password percent-encoded. ' +
      `Usage: ${USAGE}`,
  );
}

function readUrlFile(file: string): string {
  const { text, reason } = readTextFile(file);
  if (text === undefined) throw new MaintenanceError(`${file} cannot be read (${reason}).`);
  return text.trim();
}

function nextSteps({ database, secrets }: CommandCall['environment']): string[] {
  const secret =
    secrets.secret !== null
      ? '  TRUNKLINE_SECRET       as it is now, on every replica'
      : `  TRUNKLINE_SECRET_FILE  ${resolve(database.dataDir, 'secret')} (or a copy), on every replica`;
  return [
    '',
    'Everything was moved: numbers of rows and contents are equal in every table. Now set',
    '  DATABASE_URL           the target',
    ...(database.schema === 'trunkline' ? [] : [`  DATABASE_SCHEMA        ${database.schema}`]),
    secret,
    `and start the server. The old database stays in ${resolve(database.dataDir, 'postgres')}; start none on it any more, and`,
    'remove it when all is well.',
  ];
}
