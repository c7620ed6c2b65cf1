import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { LedgerRecord } from './ledger-record.js';
import { toTokenColumns } from './token-columns.js';
import { UsageAttemptEntity } from './usage-attempt.entity.js';
import { UsageRequestEntity } from './usage-request.entity.js';

// One statement takes 65,535 values, and a row has some twenty: the attempts of a long job are more than fit into one.
const ROWS_AT_ONCE = 1_000;

/** The ledger's two tables. */
@Injectable()
export class LedgerStore {
  constructor(private readonly dataSource: DataSource) {}

  /** Writes all of the records or none; a record that is there already stays as it is, so that trying again is safe. */
  async insert(records: readonly LedgerRecord[]): Promise<void> {
    const requests = records.map(({ attempts: _, usage, ...rest }) => ({ ...rest, usage: toTokenColumns(usage) }));
    const attempts = records.flatMap(({ id, attempts: ofRequest }) =>
      ofRequest.map((attempt) => ({ ...attempt, usageRequestId: id, usage: toTokenColumns(attempt.usage) })),
    );
    await this.dataSource.transaction(async (manager) => {
      await manager.createQueryBuilder().insert().into(UsageRequestEntity).values(requests).orIgnore().execute();
      for (let start = 0; start < attempts.length; start += ROWS_AT_ONCE) {
        const rows = attempts.slice(start, start + ROWS_AT_ONCE);
        await manager.createQueryBuilder().insert().into(UsageAttemptEntity).values(rows).orIgnore().execute();
      }
    });
  }

  /** The last request of the project under this id, with its attempts in order; null when there is none. */
  async find(
    projectId: string,
    requestId: string,
  ): Promise<{ request: UsageRequestEntity; attempts: UsageAttemptEntity[] } | null> {
    const request = await this.dataSource
      .getRepository(UsageRequestEntity)
      .findOne({ where: { projectId, requestId }, order: { startedAt: 'DESC' } });
    if (!request) return null;
    const attempts = await this.dataSource
      .getRepository(UsageAttemptEntity)
      .find({ where: { usageRequestId: request.id }, order: { n: 'ASC' } });
    return { request, attempts };
  }
}
