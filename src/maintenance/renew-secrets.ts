import type pg from 'pg';
import type { SecretBox } from '../auth/secrets/secret-box.js';
import { secretPlace } from '../jobs/webhooks/webhook-sender.service.js';
import { headersPlace } from '../tools/stored/tool-headers.js';

interface SealedColumn {
  readonly table: string;
  readonly column: string;
  readonly placeOf: (id: string) => string;
}

/** Every column that is closed under `TRUNKLINE_SECRET`; all tables have an `id`. */
export const SEALED_COLUMNS: readonly SealedColumn[] = [
  { table: 'server_tool', column: 'sealed_headers', placeOf: headersPlace },
  { table: 'webhook', column: 'sealed_secret', placeOf: secretPlace },
  { table: 'webhook', column: 'sealed_previous_secret', placeOf: secretPlace },
];

const PAGE = 200;

/** What became of the secrets. */
export interface RenewedSecrets {
  readonly renewed: number;
  /** Already under the present secret, or changed meanwhile by somebody who has it. */
  readonly current: number;
  /** What neither secret opens, as `table.column of id`. */
  readonly unreadable: readonly string[];
}

/** Closes all secrets anew under the present one, a row at a time; may be done while servers run that know both. */
export async function renewSecrets(client: pg.ClientBase, box: SecretBox): Promise<RenewedSecrets> {
  let [renewed, current] = [0, 0];
  const unreadable: string[] = [];
  for (const { table, column, placeOf } of SEALED_COLUMNS) {
    for await (const { id, sealed } of readSealed(client, table, column)) {
      const fresh = await box.renew(sealed, placeOf(id)).catch(() => undefined);
      if (fresh === undefined) unreadable.push(`${table}.${column} of ${id}`);
      else if (fresh !== null && (await replace(client, { table, column, id, sealed, fresh }))) renewed += 1;
      else current += 1;
    }
  }
  return { renewed, current, unreadable };
}

async function* readSealed(
  client: pg.ClientBase,
  table: string,
  column: string,
): AsyncIterable<{ id: string; sealed: Buffer }> {
  for (let after = ''; ;) {
    const { rows } = await client.query<{ id: string; sealed: Buffer }>(
      `select id, ${column} as sealed from ${table} where ${column} is not null and id > $1 order by id limit ${String(PAGE)}`,
      [after],
    );
    yield* rows;
    const last = rows.at(-1);
    if (!last || rows.length < PAGE) return;
    after = last.id;
  }
}

interface Replacement {
  readonly table: string;
  readonly column: string;
  readonly id: string;
  readonly sealed: Buffer;
  readonly fresh: Buffer;
}

async function replace(client: pg.ClientBase, { table, column, id, sealed, fresh }: Replacement): Promise<boolean> {
  const { rowCount } = await client.query(`update ${table} set ${column} = $1 where id = $2 and ${column} = $3`, [
    fresh,
    id,
    sealed,
  ]);
  return rowCount === 1;
}
