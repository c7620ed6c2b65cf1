import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseStartError } from '../database-start-error.js';

/** The major version of PostgreSQL that the embedded database is. */
export const EMBEDDED_MAJOR = '18';

/**
 * Throws DatabaseStartError `other-major` when the files were made by another major version of PostgreSQL, which this one
 * cannot open. Files that are not there are made by this one.
 */
export function assertSameMajor(filesDirectory: string): void {
  const made = readMajor(filesDirectory);
  if (made === null || made === EMBEDDED_MAJOR) return;
  throw new DatabaseStartError(
    'other-major',
    `The files in ${filesDirectory} were made by PostgreSQL ${made}; the embedded database of this version is ` +
      `PostgreSQL ${EMBEDDED_MAJOR} and cannot open them. Nothing was changed. With the version of Trunkline that made ` +
      'them, run `npm run backup -- FILE`; then, with this one, `npm run restore -- FILE --replace`.',
  );
}

function readMajor(filesDirectory: string): string | null {
  try {
    return readFileSync(join(filesDirectory, 'PG_VERSION'), 'utf8').trim();
  } catch {
    return null;
  }
}
