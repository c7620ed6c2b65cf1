import type pg from 'pg';
import { quotedSchema } from './schema-names.js';

// Those of partitions come and go with their parents'.
const FOREIGN_KEYS = `
select conrelid::regclass::text as "table", quote_ident(conname) as name, pg_get_constraintdef(oid) as definition
  from pg_constraint
 where contype = 'f' and conparentid = 0
   and connamespace in (to_regnamespace($1), to_regnamespace($2)) order by 1, 2`;

interface ForeignKey {
  readonly table: string;
  readonly name: string;
  readonly definition: string;
}

/**
 * Runs `load` while no row has to wait for the rows it refers to, then has all of them checked at once. Takes the tables
 * from everybody else until the transaction ends.
 */
export async function withoutForeignKeys(client: pg.Client, schema: string, load: () => Promise<void>): Promise<void> {
  const { rows } = await client.query<ForeignKey>(FOREIGN_KEYS, [
    quotedSchema(schema, 'main'),
    quotedSchema(schema, 'queue'),
  ]);
  for (const { table, name } of rows) await client.query(`alter table ${table} drop constraint ${name}`);
  await load();
  for (const { table, name, definition } of rows) {
    await client.query(`alter table ${table} add constraint ${name} ${definition}`);
  }
}
