import type { DatabaseConnection } from '../database/database-connection.js';
import { checkSums } from '../usage/ledger/check-ledger.js';
import { inTransaction } from './open-session.js';

const UNDER_WAY = `select count(*)::int as count from usage_request where status = 'open'`;

/** Whether the ledger adds up; says what does not, and what is left to the next start. */
export async function reportLedger(connection: DatabaseConnection, print: (line: string) => void): Promise<boolean> {
  const { problems, underWay } = await inTransaction(
    connection,
    'isolation level repeatable read read only',
    async (client) => {
      const { rows } = await client.query<{ count: number }>(UNDER_WAY);
      const found = await checkSums(async (sql) => (await client.query<Record<string, unknown>>(sql)).rows);
      return { problems: found, underWay: rows[0]?.count ?? 0 };
    },
  );
  if (underWay > 0) print(`${String(underWay)} requests were under way; the next start settles them as abandoned.`);
  for (const { rule, examples } of problems) print(`WRONG  ${rule} ${JSON.stringify(examples)}`);
  print(problems.length === 0 ? 'The ledger adds up.' : 'The ledger did not add up where the data comes from, either.');
  return problems.length === 0;
}
