import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { BudgetUpkeepStore } from '../../src/budgets/budget-upkeep.store.js';
import { checkLedger } from '../../src/usage/ledger/check-ledger.js';
import { toFinalEntry, toOpeningEntry } from '../../src/usage/ledger/ledger-entry.js';
import type { LedgerStore } from '../../src/usage/ledger/ledger-store.js';
import { toAbandonedEntry } from '../../src/usage/ledger/to-abandoned.js';
import { runsOnServer } from '../support/database.js';
import { LedgerDatabase } from '../support/ledger-database.js';
import { ledgerOpening, ledgerRecord } from '../support/ledger-parts.js';
import { seededRandom } from '../support/soak-seed.js';

const BUDGETS = ['bud_a', 'bud_b', 'bud_c', 'bud_d'];
const PERIOD = '1970-01-01T00:00:00.000Z';
const ROUNDS = 60;
const random = seededRandom(1);

if (!runsOnServer) {
  process.stdout.write('Locks are left out: the embedded database runs one statement at a time (TEST_DATABASE_URL).\n');
}

(runsOnServer ? describe : describe.skip)('the ledger, budgets and thresholds at once', () => {
  let ledger: LedgerDatabase;
  let dataSource: DataSource;
  let store: LedgerStore;

  beforeAll(async () => {
    ledger = await LedgerDatabase.open();
    ({ dataSource, store } = ledger);
    for (const id of BUDGETS) {
      await dataSource.query(
        `insert into budget (id, project_id, budget_window, amount_usd, time_zone, model)
         values ($1, 'proj_default', 'total', 0.000001, 'UTC', $1)`,
        [id],
      );
      await dataSource.query('insert into budget_period (budget_id, period_start) values ($1, $2)', [id, PERIOD]);
    }
  });

  afterAll(async () => {
    await ledger.close();
  });

  const shuffled = <T>(values: readonly T[]): T[] =>
    values
      .map((value) => ({ value, at: random() }))
      .sort((left, right) => left.at - right.at)
      .map(({ value }) => value);
  const holds = () =>
    shuffled(BUDGETS)
      .slice(1)
      .map((budgetId) => ({ budgetId, periodStart: PERIOD, reservedUsd: '0.01' }));
  const end = (id: string, charged = holds()) =>
    toFinalEntry(
      ledgerRecord(id, {
        requestedModel: `m${String(Math.floor(random() * 4))}`,
        charges: charged.map((hold) => ({ ...hold, spentUsd: '0.01' })),
      }),
      'inst_1',
    );

  async function settleBatches(): Promise<void> {
    for (let round = 0; round < ROUNDS; round += 1) {
      await store.settle(
        Array.from({ length: 5 }, () => end(randomUUID())),
        'inst_1',
      );
    }
  }

  async function endAbandoned(): Promise<void> {
    for (let round = 0; round < ROUNDS; round += 1) {
      const opening = ledgerOpening(randomUUID(), { holds: holds() });
      const abandoned = toAbandonedEntry(toOpeningEntry(opening, 'inst_1'), () => '0.1');
      await store.settle([abandoned], 'inst_1');
      const truth = end(opening.id, [...opening.holds]);
      await Promise.all([store.settle([truth], 'inst_1'), store.settle([truth], 'inst_2')]);
    }
  }

  async function announce(): Promise<void> {
    const upkeep = new BudgetUpkeepStore(dataSource);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const id of shuffled(BUDGETS)) {
        await dataSource.query('update budget_period set announced_percent = 0 where budget_id = $1', [id]);
      }
      await upkeep.takeThresholds(shuffled(BUDGETS).map((budgetId) => ({ budgetId, periodStart: PERIOD })));
    }
  }

  it('O05 lock rows in one order: none of them is the victim of a deadlock, and the books add up', async () => {
    const work = [settleBatches(), settleBatches(), endAbandoned(), endAbandoned(), announce(), announce()];
    const failures = (await Promise.allSettled(work)).filter(({ status }) => status === 'rejected');
    expect(failures).toEqual([]);
    expect(await checkLedger((sql) => dataSource.query(sql), { atRest: true })).toEqual([]);
  });
});
