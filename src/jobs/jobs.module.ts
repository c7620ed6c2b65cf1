import { Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuthModule } from '../auth/auth.module.js';
import { ServerConfig } from '../config/server-config.js';
import { runsJobs } from '../core/process-role.js';
import { JobEntity } from './job.entity.js';
import { JobQueue } from './job-queue.js';
import { JobQueueSettings } from './job-queue-settings.js';
import { JobRunner } from './job-runner.js';
import { JobStore } from './job-store.js';
import { JobSweeper } from './job-sweeper.service.js';
import { JobsController } from './jobs.controller.js';
import { PgBossJobQueue } from './pg-boss-job-queue.js';
import { ProjectJobsEraser } from './project-jobs.eraser.js';
import { WebhooksModule } from './webhooks/webhooks.module.js';

/** Background jobs for every feature, and their routes. */
@Global()
@Module({
  imports: [TypeOrmModule.forFeature([JobEntity]), AuthModule, WebhooksModule],
  controllers: [JobsController],
  providers: [
    JobStore,
    JobRunner,
    JobSweeper,
    ProjectJobsEraser,
    {
      provide: JobQueueSettings,
      useFactory: ({ drainSeconds, role }: ServerConfig) => new JobQueueSettings(drainSeconds * 1_000, runsJobs(role)),
      inject: [ServerConfig],
    },
    { provide: JobQueue, useClass: PgBossJobQueue },
  ],
  exports: [JobQueue, WebhooksModule],
})
export class JobsModule {}
