import type pg from 'pg';
import type { TableContents } from './data-set.js';
import type { FoundTable } from './find-tables.js';
import { quoted, quotedSchema } from './schema-names.js';

/**
 * How many rows a table has and a digest of them, the same on every server and in any order: the sum of 56 bits of each
 * row's SHA-256. Call it where values are written in one way (`inTransaction`).
 */
export async function digestTable(
  client: pg.Client,
  schema: string,
  { space, name, columns }: FoundTable,
): Promise<Pick<TableContents, 'rows' | 'digest'>> {
  const values = columns.map((column) => `${quoted(column)}::text`).join(', ');
  const { rows } = await client.query<{ rows: string; digest: string }>(
    `select count(*)::text as rows, coalesce(sum(part), 0)::text as digest from (
       select ('x' || encode(substr(sha256(convert_to(row(${values})::text, 'UTF8')), 1, 7), 'hex'))::bit(56)::bigint as part
         from only ${quotedSchema(schema, space)}.${quoted(name)}) parts`,
  );
  return { rows: Number(rows[0]?.rows ?? 0), digest: rows[0]?.digest ?? '0' };
}
