import pg from 'pg';
import { DataSource, type DataSourceOptions, QueryFailedError } from 'typeorm';
import { AvailabilityPool } from './availability-pool.js';
import type { DatabaseConnection } from './database-connection.js';
import { DatabaseStartError } from './database-start-error.js';
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

/** An open data source whose schema is as these migrations leave it. Throws DatabaseStartError when it cannot be. */
export async function createDataSource(
  connection: DatabaseConnection,
  options: DataSourceOptions,
  migrations: typeof MIGRATIONS = MIGRATIONS,
): Promise<DataSource> {
  const dataSource = new DataSource(options);
  await dataSource.initialize();
  try {
    await migrate(dataSource, connection.schema, migrations);
  } catch (error) {
    await dataSource.destroy();
    throw isPrivilegeMissing(error) ? missingPrivilege(connection.schema, error) : error;
  }
  return dataSource;
}

const INSUFFICIENT_PRIVILEGE = '42501';

function isPrivilegeMissing(error: unknown): error is QueryFailedError {
  if (!(error instanceof QueryFailedError)) return false;
  const driverError: unknown = error.driverError;
  return driverError instanceof Error && 'code' in driverError && driverError.code === INSUFFICIENT_PRIVILEGE;
}

function missingPrivilege(schema: string, cause: Error): DatabaseStartError {
  return new DatabaseStartError(
    'missing-privilege',
    `The user of DATABASE_URL may not prepare the database: ${cause.message}. Give it the right to create in the ` +
      `database, or let an administrator make its schemas "${schema}" and "${schema}_jobs" and the extensions once.`,
    { cause },
  );
}
