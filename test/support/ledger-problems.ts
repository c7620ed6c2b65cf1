import { checkLedger, type LedgerProblem } from '../../src/usage/ledger/check-ledger.js';
import { type TestDatabase, withClient } from './database.js';

/** What the books of a suite's database do not agree about; `atRest`: nothing may be under way either. */
export function ledgerProblems(database: TestDatabase, options: { atRest: boolean }): Promise<LedgerProblem[]> {
  return withClient(database, (client) =>
    checkLedger(async (sql) => (await client.query<Record<string, unknown>>(sql)).rows, options),
  );
}
