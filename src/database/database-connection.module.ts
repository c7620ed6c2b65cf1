import { Module } from '@nestjs/common';
import { DatabaseConfig } from '../config/database-config.js';
import { DatabaseConnection } from './database-connection.js';

/** The connection alone: TypeORM's module needs it before the rest of the database module exists. */
@Module({
  providers: [
    {
      provide: DatabaseConnection,
      useFactory: (config: DatabaseConfig): Promise<DatabaseConnection> => DatabaseConnection.open(config),
      inject: [DatabaseConfig],
    },
  ],
  exports: [DatabaseConnection],
})
export class DatabaseConnectionModule {}
