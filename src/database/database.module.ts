import { Global, Module, type OnApplicationShutdown } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { createDataSource, dataSourceOptions } from './create-data-source.js';
import { DatabaseConnection } from './database-connection.js';
import { DatabaseConnectionModule } from './database-connection.module.js';
import { DatabaseHealth } from './database-health.js';
import { InstanceEntity } from './instance.entity.js';
import { InstanceHeartbeatService } from './instance-heartbeat.service.js';

/** The database: opened, migrated, announced, and closed last. */
@Global()
@Module({
  imports: [
    DatabaseConnectionModule,
    TypeOrmModule.forRootAsync({
      imports: [DatabaseConnectionModule],
      inject: [DatabaseConnection],
      useFactory: (connection: DatabaseConnection) => ({
        ...dataSourceOptions(connection),
        autoLoadEntities: true,
        // Trying again would only hide for half a minute what the first error says.
        retryAttempts: 0,
        connection,
      }),
      dataSourceFactory: (options) => {
        const { connection, ...rest } = options as DataSourceOptions & { connection: DatabaseConnection };
        return createDataSource(connection, rest);
      },
    }),
    TypeOrmModule.forFeature([InstanceEntity]),
  ],
  providers: [DatabaseHealth, InstanceHeartbeatService],
  exports: [DatabaseConnectionModule, DatabaseHealth, InstanceHeartbeatService],
})
export class DatabaseModule implements OnApplicationShutdown {
  constructor(
    private readonly dataSource: DataSource,
    private readonly connection: DatabaseConnection,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
    await this.connection.close();
  }
}
