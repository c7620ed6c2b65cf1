import type pg from 'pg';
import { DatabaseStartError } from './database-start-error.js';

const OLDEST_VERSION = 150_000;
const EXTENSIONS = ['vector', 'pg_trgm'];

/** What a connection found at the other end. */
export interface ServerFacts {
  /** Whether it is the embedded database, of this process or of another. */
  isEmbedded: boolean;
}

/** Throws DatabaseStartError that lists everything the server lacks. */
export async function checkServer(client: pg.Client): Promise<ServerFacts> {
  const { rows } = await client.query<{ number: number; name: string; text: string }>(
    `select current_setting('server_version_num')::int as number, current_setting('server_version') as name, version() as text`,
  );
  const server = rows[0];
  if (!server || server.number < OLDEST_VERSION) {
    throw new DatabaseStartError(
      'unsupported-version',
      `The database is PostgreSQL ${server?.name ?? 'of an unknown version'}; Trunkline needs 15 or newer.`,
    );
  }
  const available = await client.query<{ name: string }>(
    'select name from pg_available_extensions where name = any($1::text[])',
    [EXTENSIONS],
  );
  const names = new Set(available.rows.map(({ name }) => name));
  const missing = EXTENSIONS.filter((name) => !names.has(name));
  if (missing.length > 0) {
    throw new DatabaseStartError(
      'missing-extension',
      `The database server lacks the extension ${missing.map((name) => `"${name}"`).join(' and ')}. ` +
        'Install pgvector (packages postgresql-NN-pgvector, image pgvector/pgvector) and the contrib modules on it.',
    );
  }
  return { isEmbedded: server.text.includes('PGlite') };
}
