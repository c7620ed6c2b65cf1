import type { DataSource } from 'typeorm';
import { BudgetExchangeStore } from '../../src/budgets/budget-exchange.store.js';
import type { BudgetHold } from '../../src/budgets/budget-reservation.js';
import { BudgetTermsStore } from '../../src/budgets/budget-terms.store.js';
import type { WantedBudget } from '../../src/budgets/check-budgets.js';
import { Reserver } from '../../src/budgets/reserver.service.js';
import { type Clock, SystemClock } from '../../src/core/clock.js';
import { newId } from '../../src/core/ids.js';
import type { BudgetTerms } from '../../src/core/principal.js';
import { Telemetry } from '../../src/core/telemetry/telemetry.js';
import { createDataSource, dataSourceOptions } from '../../src/database/create-data-source.js';
import { DatabaseConnection } from '../../src/database/database-connection.js';
import type { InstanceHeartbeatService } from '../../src/database/instance-heartbeat.service.js';
import { createTestSchema, dropTestSchema, type TestDatabase } from './database.js';

/** One process as far as budgets see it. */
export interface BudgetProcess {
  readonly instanceId: string;
  readonly reserver: Reserver;
  readonly store: BudgetExchangeStore;
}

/** What the database holds of a budget's windows, oldest first. */
export interface PeriodRow {
  readonly start: string;
  readonly spent: string;
  readonly reserved: string;
  readonly overage: string;
}

/** A database with budgets in it, and processes that reserve in them. */
export class BudgetBench {
  private constructor(
    private readonly database: TestDatabase,
    private readonly connection: DatabaseConnection,
    readonly dataSource: DataSource,
  ) {}

  static async open(): Promise<BudgetBench> {
    const database = await createTestSchema();
    const connection = await DatabaseConnection.open(database);
    return new BudgetBench(database, connection, await createDataSource(connection, dataSourceOptions(connection)));
  }

  async close(): Promise<void> {
    await this.dataSource.destroy();
    await this.connection.close();
    await dropTestSchema(this.database);
  }

  /** A process of its own, over the data source that all share unless another is given. */
  process(options: { clock?: Clock; telemetry?: Telemetry; dataSource?: DataSource } = {}): BudgetProcess {
    const instanceId = newId('inst_');
    const store = new BudgetExchangeStore(options.dataSource ?? this.dataSource, {
      instanceId,
    } as InstanceHeartbeatService);
    const reserver = new Reserver(store, options.clock ?? new SystemClock(), options.telemetry ?? new Telemetry());
    return { instanceId, reserver, store };
  }

  /** A key of the default project with these budgets. */
  async key(budgets: readonly WantedBudget[]): Promise<{ keyId: string; terms: BudgetTerms[] }> {
    const keyId = newId('key_');
    await this.dataSource.query(
      `insert into api_key (id, project_id, name, key_hash, scopes, origin) values ($1, 'proj_default', 'test', $2, '{chat}', 'admin')`,
      [keyId, Buffer.from(keyId)],
    );
    return { keyId, terms: await this.define({ kind: 'key', id: keyId }, budgets) };
  }

  /** A project with these budgets. */
  async project(budgets: readonly WantedBudget[]): Promise<BudgetTerms[]> {
    const id = newId('proj_');
    await this.dataSource.query(`insert into project (id, name) values ($1, 'test')`, [id]);
    return this.define({ kind: 'project', id }, budgets);
  }

  async define(
    owner: { kind: 'key' | 'project'; id: string },
    budgets: readonly WantedBudget[],
  ): Promise<BudgetTerms[]> {
    const store = new BudgetTermsStore(this.dataSource);
    const checked = await store.check(budgets);
    await this.dataSource.transaction((manager) => store.replace(manager, owner, checked));
    return (await store.of([owner])).get(owner.id) ?? [];
  }

  /** Settles as the ledger does: `spentUsd` for each hold, its reservation by default. */
  async settle(instanceId: string, holds: readonly BudgetHold[], spentUsd?: string): Promise<void> {
    const charges = holds.map((hold) => ({
      budget_id: hold.budgetId,
      period_start: hold.periodStart,
      reserved_usd: hold.reservedUsd,
      spent_usd: spentUsd ?? hold.reservedUsd,
    }));
    await this.dataSource.query('select settle_budget_charges($1, $2)', [instanceId, JSON.stringify(charges)]);
  }

  async periods(budgetId: string): Promise<PeriodRow[]> {
    return this.dataSource.query(
      `select to_char(period_start at time zone 'UTC', 'YYYY-MM-DD HH24:MI') as start, spent_usd::text as spent,
              reserved_usd::text as reserved, overage_usd::text as overage
         from budget_period where budget_id = $1 order by period_start`,
      [budgetId],
    );
  }

  /** What processes hold of a budget, all windows together: nothing where nobody holds any. */
  async held(budgetId: string): Promise<Record<string, string>> {
    const rows = await this.dataSource.query<{ instance_id: string; held: string }[]>(
      `select instance_id, sum(held_usd)::text as held from budget_hold where budget_id = $1 and held_usd > 0 group by 1`,
      [budgetId],
    );
    return Object.fromEntries(rows.map(({ instance_id, held }) => [instance_id, held]));
  }
}

/** Ends a process as a shutdown does. */
export async function stop(process: BudgetProcess): Promise<void> {
  await process.reserver.beforeApplicationShutdown();
  await process.reserver.onApplicationShutdown();
}
