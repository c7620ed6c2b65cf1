import type { SqlRunner } from './sql-runner.js';
import { INDEX_NAMES, spaceOfIndex } from './vector-index.js';

/** The first version of pgvector whose searches go on through an index until enough has passed a filter: 0.8. */
const ABLE_SINCE_MINOR = 8;

/** How the index of this name stands; `broken` is what a build leaves behind that was cut off. */
export async function stateOfIndex(runner: SqlRunner, name: string): Promise<'missing' | 'broken' | 'ready'> {
  const rows = await runner.query<{ is_valid: boolean }[]>(
    `select i.indisvalid as is_valid from pg_class k join pg_index i on i.indexrelid = k.oid
     where k.relname = $1 and k.relnamespace = current_schema()::regnamespace`,
    [name],
  );
  if (!rows[0]) return 'missing';
  return rows[0].is_valid ? 'ready' : 'broken';
}

/** Whether the server's pgvector can search an index and a filter together. */
export async function isServerAble(runner: SqlRunner): Promise<boolean> {
  const rows = await runner.query<{ version: string }[]>(
    `select extversion as version from pg_extension where extname = 'vector'`,
  );
  const [major = 0, minor = 0] = (rows[0]?.version ?? '').split('.').map(Number);
  return major > 0 || minor >= ABLE_SINCE_MINOR;
}

/**
 * Takes the right to build an index; false when another process has it. It belongs to the session, because no transaction
 * may be open while an index is built beside other work.
 */
export async function lockIndex(runner: SqlRunner, name: string): Promise<boolean> {
  const rows = await runner.query<{ is_mine: boolean }[]>(
    'select pg_try_advisory_lock(hashtextextended($1, 0)) as is_mine',
    [name],
  );
  return rows[0]?.is_mine ?? false;
}

/** Gives the right back. */
export async function unlockIndex(runner: SqlRunner, name: string): Promise<void> {
  await runner.query('select pg_advisory_unlock(hashtextextended($1, 0))', [name]);
}

/** Drops an index beside other work. */
export async function dropIndex(runner: SqlRunner, name: string): Promise<void> {
  await runner.query(`drop index concurrently if exists "${name}"`);
}

/** The indexes whose collection is gone, or has newer vectors. */
export async function findUnusedIndexes(runner: SqlRunner): Promise<string[]> {
  const names = await runner.query<{ name: string }[]>(
    `select relname as name from pg_class where relkind = 'i' and relname like $1
       and relnamespace = current_schema()::regnamespace`,
    [INDEX_NAMES],
  );
  const collections = await runner.query<{ id: string; generation: number }[]>(
    `select id, embedding_generation as generation from collection`,
  );
  const generations = new Map(collections.map(({ id, generation }) => [id, generation]));
  return names.flatMap(({ name }) => {
    const space = spaceOfIndex(name);
    const current = space ? generations.get(space.collectionId) : undefined;
    return space && (current === undefined || space.generation < current) ? [name] : [];
  });
}
