import type pg from 'pg';
import type { SequenceContents, Space } from './data-set.js';
import { quoted, quotedSchema } from './schema-names.js';

/** What is no data: the target writes its own migrations, and processes are not moved. */
const NO_DATA = ['migration', 'instance'];
/** What waits and what is known of it. The rest is the queue's own: its version, its statistics and its warnings. */
const QUEUE_DATA = ['queue', 'job_common', 'schedule', 'subscription', 'job_dependency'];

const TABLES = `
select c.relname as name, array_agg(a.attname::text order by a.attname) as columns
  from pg_class c join pg_attribute a on a.attrelid = c.oid
 where c.relnamespace = to_regnamespace($1) and c.relkind = 'r'
   and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
 group by c.relname order by c.relname`;

/** A table with the columns that its rows are made of. */
export interface FoundTable {
  readonly space: Space;
  readonly name: string;
  readonly columns: readonly string[];
}

/** The tables that hold data, by name. */
export async function findTables(client: pg.Client, schema: string): Promise<FoundTable[]> {
  const found: FoundTable[] = [];
  for (const space of ['main', 'queue'] as const) {
    const { rows } = await client.query<{ name: string; columns: string[] }>(TABLES, [quotedSchema(schema, space)]);
    const wanted = rows.filter(({ name }) => (space === 'main' ? !NO_DATA.includes(name) : QUEUE_DATA.includes(name)));
    found.push(...wanted.map(({ name, columns }) => ({ space, name, columns })));
  }
  return found;
}

/** The sequences behind generated ids, with what they will give next. */
export async function findSequences(client: pg.Client, schema: string): Promise<SequenceContents[]> {
  const { rows } = await client.query<{ name: string }>(
    `select c.relname as name from pg_class c
      where c.relnamespace = to_regnamespace($1) and c.relkind = 'S' and c.relname not like 'migration%' order by 1`,
    [quotedSchema(schema, 'main')],
  );
  const sequences: SequenceContents[] = [];
  for (const { name } of rows) {
    const state = await client.query<{ value: string; is_called: boolean }>(
      `select last_value::text as value, is_called from ${quotedSchema(schema, 'main')}.${quoted(name)}`,
    );
    const [first] = state.rows;
    if (first) sequences.push({ space: 'main', name, value: first.value, isCalled: first.is_called });
  }
  return sequences;
}

/** The version of the queue's tables; null when there are none. */
export async function findQueueVersion(client: pg.Client, schema: string): Promise<number | null> {
  const table = `${quotedSchema(schema, 'queue')}.version`;
  const { rows } = await client.query<{ name: string | null }>('select to_regclass($1)::text as name', [table]);
  if (!rows[0]?.name) return null;
  const version = await client.query<{ version: number }>(`select version from ${table}`);
  return version.rows[0]?.version ?? null;
}
