import type { Db } from 'pg-boss';

/** How many of each kind could begin now; kinds without any are left out. In pg-boss' own tables. */
export async function countDueJobs(
  database: Db,
  schema: string,
  kinds: readonly string[],
): Promise<Map<string, number>> {
  const { rows }: { rows: { kind: string; due: number }[] } = await database.executeSql(
    `select name as kind, count(*)::int as due from "${schema}".job
     where name = any($1) and state < 'active' and not blocked and start_after <= now() group by name`,
    [kinds],
  );
  return new Map(rows.map(({ kind, due }) => [kind, due]));
}
