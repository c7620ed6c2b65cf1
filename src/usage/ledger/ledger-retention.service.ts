import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { LedgerConfig } from '../../config/ledger-config.js';
import { Clock } from '../../core/clock.js';
import { Housekeeping } from '../../core/housekeeping.js';
import { FORGET_QUARTERS } from './roll-up.js';
import { describe } from './write-entries.js';

const FIRST_MS = 60_000;
const EVERY_MS = 3_600_000;
/** Small enough that nobody waits for it. */
const BATCH_REQUESTS = 500;
const PAUSE_MS = 100;

// From when on the ledger is whole is said before the first row goes.
const MARK = `insert into usage_retention (deleted_before) values ($1)
on conflict (singleton) do update set deleted_before = greatest(usage_retention.deleted_before, excluded.deleted_before)`;

// What is under way stays, however old. Two replicas take different rows.
const DELETE = `with gone as (
  select id from usage_request where started_at < $1 and status <> 'open'
  order by started_at limit ${String(BATCH_REQUESTS)} for update skip locked
), charges as (
  delete from usage_charge where usage_request_id in (select id from gone) returning budget_id, period_start, spent_usd
), archived as (
  insert into usage_charge_archive (budget_id, period_start, spent_usd)
  select budget_id, period_start, sum(spent_usd) from charges group by 1, 2 order by 1, 2
  on conflict (budget_id, period_start) do update
    set spent_usd = usage_charge_archive.spent_usd + excluded.spent_usd
), attempts as (
  delete from usage_attempt where usage_request_id in (select id from gone)
), requests as (
  delete from usage_request where id in (select id from gone) returning 1
)
select count(*)::int as deleted from requests`;

/** Deletes what the ledger has kept long enough, in small pieces; reports and budgets keep their sums. */
@Injectable()
export class LedgerRetention implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger(LedgerRetention.name);
  readonly #stop = new AbortController();
  #cancelNext: (() => void) | null = null;
  #deleting: Promise<void> | null = null;

  constructor(
    private readonly dataSource: DataSource,
    private readonly config: LedgerConfig,
    private readonly clock: Clock,
    private readonly housekeeping: Housekeeping,
  ) {}

  onApplicationBootstrap(): void {
    if (this.config.retentionDays > 0 && this.housekeeping.isOurs) this.#schedule(FIRST_MS);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#stop.abort(new Error('The server is shutting down.'));
    this.#cancelNext?.();
    await this.#deleting;
  }

  /** Deletes all that is older than it is to be kept, by the database's clock, and resolves to how many requests it was. */
  async deleteOld(): Promise<number> {
    const [row]: { before: Date }[] = await this.dataSource.query(
      'select now() - make_interval(days => $1) as before',
      [this.config.retentionDays],
    );
    if (!row) return 0;
    await this.dataSource.query(MARK, [row.before]);
    await this.dataSource.query(FORGET_QUARTERS, [row.before]);
    for (let total = 0; ;) {
      const [batch]: { deleted: number }[] = await this.dataSource.query(DELETE, [row.before]);
      const deleted = batch?.deleted ?? 0;
      total += deleted;
      if (deleted < BATCH_REQUESTS) return total;
      await this.clock.sleep(PAUSE_MS, this.#stop.signal);
    }
  }

  #schedule(ms: number): void {
    this.#cancelNext = this.clock.schedule(() => {
      this.#deleting = this.deleteOld().then(
        (deleted) => {
          if (deleted > 0)
            this.#logger.log(`${String(deleted)} requests were deleted that the ledger kept long enough.`);
        },
        (error: unknown) => {
          if (!this.#stop.signal.aborted) this.#logger.warn(`Old requests could not be deleted: ${describe(error)}`);
        },
      );
      void this.#deleting.then(() => {
        if (!this.#stop.signal.aborted) this.#schedule(EVERY_MS);
      });
    }, ms);
  }
}
