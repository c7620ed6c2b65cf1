import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { Principal } from '../core/principal.js';
import { lockAdminKeys } from './admin-key-lock.js';
import { ApiKeyCache } from './api-key-cache.js';
import { type AuditedChange, type ChangeAuthor, recordChange } from './audit/audit-log.js';
import { type AdminKey, assertSomebodyIsLeft, findAdminKeys } from './last-admin.js';

/** What a change did, and whose keys have to be read again because of it. */
export interface ChangeOutcome<Result> {
  readonly result: Result;
  /** Null when there was nothing to change. */
  readonly audited: AuditedChange | null;
  readonly concerns: ((principal: Principal) => boolean) | null;
}

type Work<Result> = (manager: EntityManager, adminKeys: readonly AdminKey[]) => Promise<ChangeOutcome<Result>>;

/** The one way to change keys and projects: one at a time, never without somebody who can administer, and written down. */
@Injectable()
export class AdminChanges {
  constructor(
    private readonly dataSource: DataSource,
    private readonly cache: ApiKeyCache,
  ) {}

  /**
   * Does `work` in a transaction while no other replica changes anything, and undoes it with `last_admin_key` when nobody
   * could administer afterwards. What it concerns is felt here at once, and in other replicas within the cache's life.
   */
  async perform<Result>(author: ChangeAuthor, work: Work<Result>): Promise<Result> {
    const outcome = await this.dataSource.transaction(async (manager) => {
      await lockAdminKeys(manager);
      const before = await findAdminKeys(manager);
      const done = await work(manager, before);
      assertSomebodyIsLeft(before, await findAdminKeys(manager));
      if (done.audited) await recordChange(manager, author, done.audited);
      return done;
    });
    if (outcome.concerns) this.cache.forget(outcome.concerns);
    return outcome.result;
  }
}
