import type { DataSource } from 'typeorm';
import { ProjectEntity } from '../../src/auth/project.entity.js';
import { createDataSource, dataSourceOptions } from '../../src/database/create-data-source.js';
import { DatabaseConnection } from '../../src/database/database-connection.js';
import { LedgerStore } from '../../src/usage/ledger/ledger-store.js';
import { UsageAttemptEntity } from '../../src/usage/ledger/usage-attempt.entity.js';
import { UsageRequestEntity } from '../../src/usage/ledger/usage-request.entity.js';
import { createTestSchema, dropTestSchema, type TestDatabase } from './database.js';

/** The ledger's tables in a database of their own, without the rest of the application. */
export class LedgerDatabase {
  readonly store: LedgerStore;

  private constructor(
    readonly config: TestDatabase,
    readonly connection: DatabaseConnection,
    readonly dataSource: DataSource,
  ) {
    this.store = new LedgerStore(dataSource);
  }

  static async open(): Promise<LedgerDatabase> {
    const config = await createTestSchema();
    const connection = await DatabaseConnection.open(config);
    const dataSource = await createDataSource(connection, {
      ...dataSourceOptions(connection),
      entities: [ProjectEntity, UsageRequestEntity, UsageAttemptEntity],
    });
    return new LedgerDatabase(config, connection, dataSource);
  }

  async close(): Promise<void> {
    await this.dataSource.destroy();
    await this.connection.close();
    await dropTestSchema(this.config);
  }
}
