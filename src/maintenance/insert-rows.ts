import type pg from 'pg';
import type { Row, TableContents } from './data-set.js';
import { quoted, quotedSchema } from './schema-names.js';

const TYPES = `
select a.attname as name, format_type(a.atttypid, a.atttypmod) as type
  from pg_attribute a
 where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''`;

/** Writes rows that were read as text into a table. */
export interface RowWriter {
  /** The columns that are written; those that the table does not have are left out. */
  readonly columns: readonly string[];
  write(rows: readonly Row[]): Promise<void>;
}

/** A writer for the rows of `contents` into the table of the same name. Its types are those of this server. */
export async function openRowWriter(client: pg.Client, schema: string, contents: TableContents): Promise<RowWriter> {
  const table = `${quotedSchema(schema, contents.space)}.${quoted(contents.name)}`;
  const found = await client.query<{ name: string; type: string }>(TYPES, [table]);
  const types = new Map(found.rows.map(({ name, type }) => [name, type]));
  const places = contents.columns.flatMap((name, index) => (types.has(name) ? [{ name, index }] : []));
  const names = places.map(({ name }) => quoted(name)).join(', ');
  const values = places.map(({ name }) => `rows.${quoted(name)}::${types.get(name) ?? 'text'}`).join(', ');
  const parameters = places.map((_, number) => `$${String(number + 1)}::text[]`).join(', ');
  const text = `insert into ${table} (${names}) overriding system value
    select ${values} from unnest(${parameters}) as rows (${names})`;
  return {
    columns: places.map(({ name }) => name),
    write: async (rows) => {
      await client.query(
        text,
        places.map(({ index }) => rows.map((row) => row[index] ?? null)),
      );
    },
  };
}
