import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager, Not } from 'typeorm';
import type { JsonObject } from '../../core/json.js';
import { fromItems, type LedgerEntry, toItems } from './ledger-entry.js';
import { OPEN, READ_OPEN, SETTLE, SETTLE_CHARGES, WITHDRAW_CHARGES, WITHDRAW_ROLL_UP } from './ledger-statements.js';
import { UsageAttemptEntity } from './usage-attempt.entity.js';
import { UsageRequestEntity } from './usage-request.entity.js';

/** Whose reservations nobody gives back again: no process has this id. */
const NOBODY = '';

/** The ledger's tables. */
@Injectable()
export class LedgerStore {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Writes how requests ended, all or none, with what they took from budgets; `instanceId` is the process that reserved it.
   * What is final stays as it is, so that trying again is safe, but for requests that were thought abandoned: their true
   * end takes the place of the estimate.
   */
  async settle(entries: readonly LedgerEntry[], instanceId: string): Promise<void> {
    const finalBefore = await run(this.dataSource.manager, entries, instanceId);
    if (finalBefore.length === 0) return;
    const abandoned: { id: string }[] = await this.dataSource.query(
      `select id from usage_request where id = any($1) and status = 'abandoned'`,
      [finalBefore],
    );
    const ids = new Set(abandoned.map(({ id }) => id));
    for (const entry of entries) if (ids.has(entry.id) && !isAbandoned(entry)) await this.#replaceAbandoned(entry);
  }

  /** Writes that requests are under way; those that have ended stay as they are. */
  async open(entries: readonly LedgerEntry[]): Promise<void> {
    await this.dataSource.query(OPEN, [toArray(entries, 'request'), toArray(entries, 'charges')]);
  }

  /** Some of the requests that the process left under way, none when there are no more. */
  async readOpen(instanceId: string, most: number): Promise<LedgerEntry[]> {
    const rows: { id: string; request: JsonObject; charges: JsonObject[] }[] = await this.dataSource.query(READ_OPEN, [
      instanceId,
      most,
    ]);
    return rows.map(({ id, request, charges }) => ({
      id,
      request: JSON.stringify(request),
      attempts: '',
      charges: toItems(charges),
    }));
  }

  /** Gives back whatever a dead process still holds of budgets, and strikes it off the list of the living. */
  async forget(instanceId: string): Promise<void> {
    await this.dataSource.query('select return_budget_holds($1)', [instanceId]);
    await this.dataSource.query('delete from instance where id = $1', [instanceId]);
  }

  /** Every process that left something under way or holds something, the living ones too. */
  async instances(): Promise<string[]> {
    const rows: { instance_id: string }[] = await this.dataSource.query(
      `select instance_id from usage_request where status = 'open' and instance_id is not null
       union select instance_id from budget_hold union select instance_id from budget_exchange`,
    );
    return rows.map(({ instance_id }) => instance_id);
  }

  /** Resolves when the database answers. */
  async ping(): Promise<void> {
    await this.dataSource.query('select 1');
  }

  /** The last request of the project under this id that is over, with its attempts in order; null when there is none. */
  async find(
    projectId: string,
    requestId: string,
  ): Promise<{ request: UsageRequestEntity; attempts: UsageAttemptEntity[] } | null> {
    const request = await this.dataSource
      .getRepository(UsageRequestEntity)
      .findOne({ where: { projectId, requestId, status: Not('open') }, order: { startedAt: 'DESC' } });
    if (!request) return null;
    const attempts = await this.dataSource
      .getRepository(UsageAttemptEntity)
      .find({ where: { usageRequestId: request.id }, order: { n: 'ASC' } });
    return { request, attempts };
  }

  #replaceAbandoned(entry: LedgerEntry): Promise<void> {
    return this.dataSource.transaction(async (manager) => {
      const [row]: unknown[] = await manager.query(
        `select 1 from usage_request where id = $1 and status = 'abandoned' for update`,
        [entry.id],
      );
      if (!row) return;
      // In the order in which a batch locks them: another one waits then, instead of deadlocking.
      await manager.query(WITHDRAW_CHARGES, [entry.id]);
      await manager.query(WITHDRAW_ROLL_UP, [entry.id]);
      await manager.query('delete from usage_attempt where usage_request_id = $1', [entry.id]);
      await manager.query(`update usage_request set status = 'open' where id = $1`, [entry.id]);
      await run(manager, [entry], NOBODY);
    });
  }
}

async function run(manager: EntityManager, entries: readonly LedgerEntry[], instanceId: string): Promise<string[]> {
  const parameters = [toArray(entries, 'request'), toArray(entries, 'attempts')];
  const rows: { id: string | null }[] = entries.every(({ charges }) => charges === '')
    ? await manager.query(SETTLE, parameters)
    : await manager.query(SETTLE_CHARGES, [...parameters, toArray(entries, 'charges'), instanceId]);
  return rows.map(({ id }) => id).filter((id) => id !== null);
}

function toArray(entries: readonly LedgerEntry[], part: 'request' | 'attempts' | 'charges'): string {
  return `[${entries
    .map((entry) => entry[part])
    .filter((items) => items !== '')
    .join()}]`;
}

function isAbandoned({ request }: LedgerEntry): boolean {
  return fromItems(request)[0]?.status === 'abandoned';
}
