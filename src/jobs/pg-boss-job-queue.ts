import { type BeforeApplicationShutdown, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { type Db, type JobWithMetadata, PgBoss } from 'pg-boss';
import { DataSource, type EntityManager } from 'typeorm';
import { AppError } from '../core/errors/app-error.js';
import type { JsonObject } from '../core/json.js';
import { DatabaseConnection } from '../database/database-connection.js';
import type { Job, NewJob } from './job.js';
import { type JobHandler, JobQueue } from './job-queue.js';
import { JobQueueSettings } from './job-queue-settings.js';
import { JobRunner } from './job-runner.js';
import { JobStore, toJob } from './job-store.js';

interface Message {
  jobId: string;
}

/** pg-boss moves here what used up its attempts without a handler that could say so (its process died each time). */
const LOST_QUEUE = 'lost';
const LOST = { code: 'worker_lost', message: 'The process that ran the job ended before it did, on every attempt.' };
const NO_SUCH_ID = '00000000-0000-0000-0000-000000000000';
const HEALTH_BOUND_MS = 1_000;

/**
 * The queue on pg-boss, in the same database.
 *
 * pg-boss decides who runs what, when to try again and whose worker died; it carries only the job's id. What the job is
 * and how it ended stands in the table `job`. Both rows are written in one transaction, the caller's if there is one:
 * pg-boss takes a connection for `send`, so neither an outbox nor a sweeper is needed, on either database. The one thing
 * it asks through its own pool is a queue's settings, once; on the embedded database that would wait for the caller's
 * own transaction, so there a queue must be known before.
 */
@Injectable()
export class PgBossJobQueue extends JobQueue implements OnModuleInit, BeforeApplicationShutdown {
  readonly #logger = new Logger('Jobs');
  readonly #queues = new Map<string, Promise<void>>();
  readonly #kinds = new Set<string>();
  readonly #boss: PgBoss;
  #start: Promise<unknown> | null = null;
  #lastProblem = '';

  constructor(
    private readonly dataSource: DataSource,
    private readonly connection: DatabaseConnection,
    private readonly store: JobStore,
    private readonly runner: JobRunner,
    private readonly settings: JobQueueSettings,
  ) {
    super();
    this.#boss = this.#createBoss();
  }

  async onModuleInit(): Promise<void> {
    await this.#ready();
  }

  async enqueue<P extends JsonObject>(job: NewJob<P>, manager?: EntityManager): Promise<Job> {
    const runsInTransaction = manager?.queryRunner?.isTransactionActive === true;
    if (!this.#kinds.has(job.kind)) {
      if (runsInTransaction && this.connection.isEmbedded) {
        throw new Error(`Call process('${job.kind}') before a job of that kind is enqueued inside a transaction.`);
      }
      await this.#ensureQueue(job.kind);
    }
    if (manager && runsInTransaction) return await this.#insert(job, manager);
    return await this.dataSource.transaction((own) => this.#insert(job, own));
  }

  async process<P extends JsonObject>(
    kind: string,
    handler: JobHandler<P>,
    options: { concurrency?: number } = {},
  ): Promise<void> {
    await this.#ensureQueue(kind);
    const { pollingIntervalSeconds } = this.settings;
    const workOptions = {
      includeMetadata: true,
      pollingIntervalSeconds,
      localConcurrency: options.concurrency ?? 1,
    } as const;
    await this.#boss.work(kind, workOptions, (messages: JobWithMetadata<Message>[]) =>
      this.#run(messages, handler as unknown as JobHandler<JsonObject>),
    );
  }

  async cancel(projectId: string, jobId: string): Promise<Job | null> {
    const isCancelled = await this.store.cancel(projectId, jobId);
    if (isCancelled) this.runner.interrupt(jobId, 'cancelled');
    const job = await this.find(projectId, jobId);
    if (job && !isCancelled) {
      throw new AppError(
        'invalid_state',
        `The job has ${job.status} already; only an unfinished job can be cancelled.`,
      );
    }
    return job;
  }

  async find(projectId: string, jobId: string): Promise<Job | null> {
    const job = await this.store.find(projectId, jobId);
    return job && toJob(job);
  }

  async depths(): Promise<Record<string, number>> {
    const none = Object.fromEntries([...this.#kinds].map((kind) => [kind, 0]));
    return { ...none, ...(await this.store.countQueued()) };
  }

  async isHealthy(): Promise<boolean> {
    if (!this.#start) return false;
    const late = new Promise<false>((resolve) => {
      setTimeout(resolve, HEALTH_BOUND_MS, false).unref();
    });
    return await Promise.race([this.#boss.isInstalled().catch(() => false), late]);
  }

  /** Takes no further job, lets those that run finish for a while, then interrupts them for the next process to resume. */
  async beforeApplicationShutdown(): Promise<void> {
    if (!this.#start) return;
    await Promise.all([...this.#kinds, LOST_QUEUE].map((kind) => this.#boss.offWork(kind, { wait: false })));
    await this.runner.settled(this.settings.drainMs);
    await this.runner.interruptAll('shutting-down', this.settings.interruptMs);
    await this.#boss.stop({ graceful: this.runner.size === 0, timeout: this.settings.interruptMs });
  }

  #createBoss(): PgBoss {
    const { isEmbedded, schema } = this.connection;
    const { heartbeatCheckSeconds } = this.settings;
    const boss = new PgBoss({
      ...this.connection.poolConfig({ max: isEmbedded ? 2 : 4, applicationName: 'trunkline-jobs' }),
      schema: `${schema}_jobs`,
      schedule: false,
      superviseIntervalSeconds: heartbeatCheckSeconds,
      monitorIntervalSeconds: heartbeatCheckSeconds,
      // One session serves everybody there: nothing runs beside it that could bloat an index or hold vacuum back.
      ...(isEmbedded && { reindex: false, monitorVacuum: false }),
    });
    boss.on('error', (error) => {
      // A poll that fails says so twice a second while the database is away; once is enough.
      if (error.message === this.#lastProblem) return;
      this.#lastProblem = error.message;
      this.#logger.warn(`The job queue has a problem: ${error.message}`);
    });
    return boss;
  }

  #ready(): Promise<unknown> {
    this.#start ??= this.#startBoss();
    return this.#start;
  }

  async #startBoss(): Promise<void> {
    await this.#boss.start();
    await this.#boss.createQueue(LOST_QUEUE, { retryLimit: 100, retryDelay: 5 });
    await this.#boss.work<Message>(LOST_QUEUE, { pollingIntervalSeconds: 2 }, async ([message]) => {
      if (message) await this.store.abandon(message.data.jobId, LOST);
    });
    if (this.connection.isOwner) await this.#resumeOrphans();
  }

  /** Nobody else can be running anything here, so what runs was left by a dead process: no need to wait for its heartbeat. */
  async #resumeOrphans(): Promise<void> {
    for (const { id, kind } of await this.store.findRunning()) {
      await this.#ensureQueue(kind, true);
      const messages = await this.#boss.findJobs<Message>(kind, { data: { jobId: id } });
      const active = messages.filter(({ state }) => state === 'active').map((message) => message.id);
      if (active.length > 0) await this.#boss.fail(kind, active, { message: 'The process ended.' });
    }
  }

  async #ensureQueue(kind: string, isStarting = false): Promise<void> {
    if (!isStarting) await this.#ready();
    let queue = this.#queues.get(kind);
    if (!queue) {
      queue = this.#createQueue(kind);
      this.#queues.set(kind, queue);
      queue.catch(() => this.#queues.delete(kind));
    }
    await queue;
  }

  async #createQueue(kind: string): Promise<void> {
    const { maxAttempts, retryDelaySeconds, retryDelayMaxSeconds, heartbeatSeconds, expireSeconds } = this.settings;
    const options = {
      retryLimit: maxAttempts - 1,
      retryDelay: retryDelaySeconds,
      retryBackoff: true,
      retryDelayMax: retryDelayMaxSeconds,
      heartbeatSeconds,
      expireInSeconds: expireSeconds,
      deadLetter: LOST_QUEUE,
    };
    await this.#boss.createQueue(kind, options);
    // A queue that is there already keeps what an earlier version gave it.
    await this.#boss.updateQueue(kind, options);
    // Any look into the queue makes pg-boss remember its settings, so that `send` needs no connection of its own.
    await this.#boss.findJobs(kind, { id: NO_SUCH_ID });
    this.#kinds.add(kind);
  }

  async #insert(job: NewJob<JsonObject>, manager: EntityManager): Promise<Job> {
    const { job: entity, isNew } = await this.store.insert(manager, job);
    if (isNew) {
      const message: Message = { jobId: entity.id };
      await this.#boss.send(job.kind, message, { db: toBossDatabase(manager) });
    }
    return toJob(entity);
  }

  async #run(messages: JobWithMetadata<Message>[], handler: JobHandler<JsonObject>): Promise<void> {
    for (const { data, retryCount, retryLimit, signal } of messages) {
      this.#lastProblem = '';
      await this.runner.run(data.jobId, handler, { isLast: retryCount >= retryLimit, signal });
    }
  }
}

/** pg-boss' statements on the connection that holds the manager's transaction. */
function toBossDatabase(manager: EntityManager): Db {
  return {
    executeSql: async (text, values) => {
      const result = await manager.queryRunner?.query(text, values, true);
      return { rows: (result?.records ?? []) as unknown[] };
    },
  };
}
