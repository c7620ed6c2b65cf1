import pg from 'pg';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { AvailabilityPool } from './connection-failure.js';
import type { DatabaseConnection } from './database-connection.js';
import { migrate } from './migrate.js';
import { MIGRATIONS } from './migrations/migrations.js';

/** TypeORM's options for a connection. Tables come from migrations only, never from the entities. */
export function dataSourceOptions(connection: DatabaseConnection): DataSourceOptions {
  return {
    type: 'postgres',
    driver: { ...pg, Pool: AvailabilityPool },
    extra: connection.poolConfig(),
    uuidExtension: 'pgcrypto',
    installExtensions: false,
    synchronize: false,
    logging: false,
    // The reason of a lost idle connection shows at the next query; here it only must not end the process.
    poolErrorHandler: () => undefined,
  };
}

/** An open data source whose schema is up to date. Throws DatabaseStartError when the schema is newer than this version. */
export async function createDataSource(
  connection: DatabaseConnection,
  options: DataSourceOptions,
): Promise<DataSource> {
  const dataSource = new DataSource(options);
  await dataSource.initialize();
  try {
    await migrate(dataSource, connection.schema, MIGRATIONS);
  } catch (error) {
    await dataSource.destroy();
    throw error;
  }
  return dataSource;
}
