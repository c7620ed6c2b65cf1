import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { ProjectEntity } from '../../src/auth/project.entity.js';
import { SystemClock } from '../../src/core/clock.js';
import { createDataSource, dataSourceOptions } from '../../src/database/create-data-source.js';
import { DatabaseConnection } from '../../src/database/database-connection.js';
import { JobEntity } from '../../src/jobs/job.entity.js';
import { JobQueueSettings } from '../../src/jobs/job-queue-settings.js';
import { Telemetry } from '../../src/core/telemetry/telemetry.js';
import { JobRunner } from '../../src/jobs/job-runner.js';
import { JobStore } from '../../src/jobs/job-store.js';
import type { Job, JobStatus } from '../../src/jobs/job.js';
import { PgBossJobQueue } from '../../src/jobs/pg-boss-job-queue.js';
import { Announcer } from '../../src/jobs/webhooks/announcer.service.js';
import { DeliveryBell } from '../../src/jobs/webhooks/delivery-bell.js';
import { createTestSchema, dropTestSchema, type TestDatabase } from './database.js';

/** Settings that lose no time; `runsJobs` says whether the process does, `lookoutMs` how often it looks for work of others. */
export class QuickSettings extends JobQueueSettings {
  override readonly maxAttempts = 2;
  override readonly retryDelaySeconds = 1;
  override readonly retryDelayMaxSeconds = 1;
  override readonly postponementMaxSeconds = 1;
  override readonly heartbeatSeconds = 10;
  override readonly heartbeatCheckSeconds = 1;
  override readonly interruptMs = 500;
  override readonly lookoutMs: number;

  constructor({ runsJobs = true, lookoutMs = 250 } = {}) {
    super(0, runsJobs);
    this.lookoutMs = lookoutMs;
  }
}

/** The project that every schema has from the beginning. */
export const PROJECT = 'proj_default';

/** A job queue that loses no time, over a schema of its own. */
export class JobWorld {
  private constructor(
    readonly database: TestDatabase,
    private readonly connection: DatabaseConnection,
    readonly dataSource: DataSource,
  ) {}

  static async open(): Promise<JobWorld> {
    Logger.overrideLogger(false);
    const database = await createTestSchema();
    const connection = await DatabaseConnection.open(database);
    const options = { ...dataSourceOptions(connection), entities: [JobEntity, ProjectEntity] };
    return new JobWorld(database, connection, await createDataSource(connection, options));
  }

  /** A queue as another process would have one; whoever makes it starts and stops it. */
  createQueue(settings = new QuickSettings()): PgBossJobQueue {
    const { dataSource, connection } = this;
    const clock = new SystemClock();
    const store = new JobStore(dataSource, new Announcer(dataSource, new DeliveryBell(), clock));
    return new PgBossJobQueue(dataSource, connection, store, new JobRunner(store, clock, new Telemetry()), settings);
  }

  async close(): Promise<void> {
    await this.dataSource.destroy();
    await this.connection.close();
    await dropTestSchema(this.database);
  }
}

/** Asks for a job until it is as wanted. */
export async function untilJob(queue: PgBossJobQueue, id: string, accept: (job: Job) => boolean): Promise<Job> {
  for (;;) {
    const job = await queue.find(PROJECT, id);
    if (job && accept(job)) return job;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Asks for a job until it stands so. */
export function untilJobIs(queue: PgBossJobQueue, id: string, status: JobStatus): Promise<Job> {
  return untilJob(queue, id, (job) => job.status === status);
}
