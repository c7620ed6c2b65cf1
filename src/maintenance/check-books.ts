import type { DatabaseConnection } from '../database/database-connection.js';
import { checkLedger } from '../usage/ledger/check-ledger.js';
import { inTransaction } from './open-session.js';

/** Whether the ledger adds up; says what does not. `atRest`: nothing may be under way either. */
export async function reportLedger(
  connection: DatabaseConnection,
  { atRest }: { atRest: boolean },
  print: (line: string) => void,
): Promise<boolean> {
  const problems = await inTransaction(connection, 'isolation level repeatable read read only', (client) =>
    checkLedger(async (sql) => (await client.query<Record<string, unknown>>(sql)).rows, { atRest }),
  );
  for (const { rule, examples } of problems) print(`WRONG  ${rule} ${JSON.stringify(examples)}`);
  print(problems.length === 0 ? 'The ledger adds up.' : 'The ledger did not add up where the data comes from, either.');
  return problems.length === 0;
}
