import { Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ServerConfig } from '../config/server-config.js';
import { JobEntity } from './job.entity.js';
import { JobQueue } from './job-queue.js';
import { JobQueueSettings } from './job-queue-settings.js';
import { JobRunner } from './job-runner.js';
import { JobStore } from './job-store.js';
import { JobsController } from './jobs.controller.js';
import { PgBossJobQueue } from './pg-boss-job-queue.js';

/** Background jobs for every feature, and their routes. */
@Global()
@Module({
  imports: [TypeOrmModule.forFeature([JobEntity])],
  controllers: [JobsController],
  providers: [
    JobStore,
    JobRunner,
    {
      provide: JobQueueSettings,
      useFactory: (server: ServerConfig) => new JobQueueSettings(server.drainSeconds * 1_000),
      inject: [ServerConfig],
    },
    { provide: JobQueue, useClass: PgBossJobQueue },
  ],
  exports: [JobQueue],
})
export class JobsModule {}
