import { expect } from '@jest/globals';
import { type DataSource } from 'typeorm';
import { AdminChanges } from '../../src/auth/admin-changes.js';
import { ApiKeyCache, type KnownKey } from '../../src/auth/api-key-cache.js';
import { ApiKeyEntity } from '../../src/auth/api-key.entity.js';
import { ApiKeyStore } from '../../src/auth/api-key.store.js';
import { ApiKeysService, type NewApiKey } from '../../src/auth/api-keys.service.js';
import { AuditEntryEntity } from '../../src/auth/audit/audit-entry.entity.js';
import { AuditLog, type ChangeAuthor } from '../../src/auth/audit/audit-log.js';
import { KeyRotationService } from '../../src/auth/key-rotation.service.js';
import { digestKey, readKey } from '../../src/auth/key-format.js';
import { ProjectErasure } from '../../src/auth/project-erasure.service.js';
import { ProjectEntity } from '../../src/auth/project.entity.js';
import { ProjectsService } from '../../src/auth/projects.service.js';
import { BudgetTermsStore } from '../../src/budgets/budget-terms.store.js';
import { SystemClock } from '../../src/core/clock.js';
import { createDataSource, dataSourceOptions } from '../../src/database/create-data-source.js';
import { DatabaseConnection } from '../../src/database/database-connection.js';
import { createTestSchema, dropTestSchema, type TestDatabase } from './database.js';

const clock = new SystemClock();

/** Who makes changes in tests. */
export const TESTER: ChangeAuthor = { actor: 'key_tester', address: '192.0.2.1', requestId: 'req_test' };

/** The services of keys and projects over a database of their own, without the rest of the application. */
export class KeyServices {
  readonly cache = new ApiKeyCache(clock);
  readonly keys: ApiKeysService;
  readonly rotation: KeyRotationService;
  readonly projects: ProjectsService;
  readonly store: ApiKeyStore;
  readonly audit: AuditLog;
  readonly #erasure: ProjectErasure;

  private constructor(
    readonly config: TestDatabase,
    readonly dataSource: DataSource,
    private readonly connection: DatabaseConnection,
  ) {
    const budgets = new BudgetTermsStore(dataSource);
    const changes = new AdminChanges(dataSource, this.cache);
    this.#erasure = new ProjectErasure(dataSource, clock);
    this.projects = new ProjectsService(dataSource.getRepository(ProjectEntity), budgets, changes, this.#erasure);
    this.keys = new ApiKeysService(dataSource.getRepository(ApiKeyEntity), budgets, changes, clock);
    this.rotation = new KeyRotationService(this.keys, changes, clock);
    this.store = new ApiKeyStore(dataSource, budgets, clock);
    this.audit = new AuditLog(dataSource.getRepository(AuditEntryEntity));
  }

  static async open(): Promise<KeyServices> {
    const config = await createTestSchema();
    const connection = await DatabaseConnection.open(config);
    const dataSource = await createDataSource(connection, {
      ...dataSourceOptions(connection),
      entities: [ApiKeyEntity, AuditEntryEntity, ProjectEntity],
    });
    return new KeyServices(config, dataSource, connection);
  }

  /** Leaves nothing but the default project. */
  async clear(): Promise<void> {
    await this.dataSource.query('delete from api_key');
    await this.dataSource.query(`delete from project where id <> 'proj_default'`);
    await this.dataSource.query('delete from audit_entry');
  }

  async close(): Promise<void> {
    await this.#erasure.beforeApplicationShutdown();
    await this.dataSource.destroy();
    await this.connection.close();
    await dropTestSchema(this.config);
  }

  /** Whom the key lets in now, as the database says. */
  find(key: string): Promise<KnownKey | null> {
    const reading = readKey(key);
    return this.store.findUsable(reading.kind === 'ours' ? reading.id : null, digestKey(Buffer.from(key)));
  }

  async make(wanted: Partial<NewApiKey> = {}): Promise<{ id: string; key: string }> {
    const { record, secret } = await this.keys.create({ name: 'a', ...wanted }, TESTER);
    return { id: record.key.id, key: secret };
  }
}

/** Until when a key is good, in wall-clock milliseconds; it is kept by a clock that nobody can set. */
export function wallTimeOf(known: KnownKey | null): number | null {
  const expiresAt = known?.expiresAt ?? null;
  return expiresAt === null ? null : Date.now() - performance.now() + expiresAt;
}

/** Matches wall-clock milliseconds that differ by what it takes to ask. */
export function near(time: Date | null | undefined): unknown {
  return expect.closeTo(time?.getTime() ?? NaN, -4);
}
