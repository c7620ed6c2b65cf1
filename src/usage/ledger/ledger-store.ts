import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { INSERT_LEDGER, toInsertParameters } from './insert-ledger.js';
import type { LedgerRecord } from './ledger-record.js';
import { UsageAttemptEntity } from './usage-attempt.entity.js';
import { UsageRequestEntity } from './usage-request.entity.js';

/** The ledger's two tables. */
@Injectable()
export class LedgerStore {
  constructor(private readonly dataSource: DataSource) {}

  /** Writes all of the records or none; a record that is there already stays as it is, so that trying again is safe. */
  async insert(records: readonly LedgerRecord[]): Promise<void> {
    await this.dataSource.query(INSERT_LEDGER, toInsertParameters(records));
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
