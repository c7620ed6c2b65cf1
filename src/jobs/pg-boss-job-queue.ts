import { type BeforeApplicationShutdown, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import type { Db, JobWithMetadata, PgBoss } from 'pg-boss';
import { DataSource, type EntityManager } from 'typeorm';
import { AppError } from '../core/errors/app-error.js';
import type { JsonObject } from '../core/json.js';
import type { Principal } from '../core/principal.js';
import { DatabaseConnection } from '../database/database-connection.js';
import { bossSchema, createBoss } from './create-boss.js';
import type { Job, NewJob } from './job.js';
import type { JobHandler, JobKind, JobKindOptions } from './job-kind.js';
import { type JobPage, JobQueue } from './job-queue.js';
import { JobQueueSettings } from './job-queue-settings.js';
import { JobRunner } from './job-runner.js';
import { JobStore, toJob } from './job-store.js';
import { type JobMessage, JobWorkers } from './job-workers.js';
import { reviveJob } from './revive-job.js';
import { RingAfterCommit } from './ring-after-commit.js';

/** pg-boss moves here what used up its attempts without a handler that could say so (its process died each time). */
const LOST_QUEUE = 'lost';
const LOST = { code: 'worker_lost', message: 'The process that ran the job ended before it did, on every attempt.' };
const NO_SUCH_ID = '00000000-0000-0000-0000-000000000000';
const HEALTH_BOUND_MS = 1_000;
/** What pg-boss appends to the problems of a worker; a kind has many workers with one and the same problem. */
const WORKER_MARK = / \(Queue: [^()]*\)$/;

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
  /** Kinds whose queue is known. */
  readonly #kinds = new Set<string>();
  /** Kinds that this process runs. */
  readonly #handled = new Map<string, JobKind>();
  readonly #boss: PgBoss;
  readonly #workers: JobWorkers;
  readonly #committed: RingAfterCommit;
  #start: Promise<unknown> | null = null;
  #drain: Promise<void> | null = null;
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
    this.#workers = new JobWorkers({
      boss: this.#boss,
      ...{ clock: runner.clock, settings, schema: this.#schema },
      failed: (error) => {
        this.#warnOnce(error);
      },
    });
    this.#committed = new RingAfterCommit(dataSource, (kind) => {
      this.#workers.ring(kind);
    });
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
    options: JobKindOptions<P> = {},
  ): Promise<void> {
    const run = { ...options, name: kind, handler: handler as unknown as JobHandler<JsonObject> } as unknown as JobKind;
    this.#handled.set(kind, run);
    await this.#ensureQueue(kind);
    if (!this.settings.runsJobs) return;
    for (let worker = 0; worker < (options.concurrency ?? 1); worker += 1) {
      await this.#workers.add(kind, (message) => this.#run(run, message));
    }
  }

  async cancel(projectId: string, jobId: string): Promise<Job | null> {
    const isCancelled = await this.store.cancel(projectId, jobId, this.#handled);
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

  async retry(principal: Principal, jobId: string): Promise<Job | null> {
    const { projectId } = principal;
    const job = await this.find(projectId, jobId);
    if (!job) return null;
    await this.#ensureQueue(job.kind);
    await this.dataSource.transaction(async (manager) => {
      await reviveJob(this.store, manager, { job, principal, kind: this.#handled.get(job.kind) });
      await this.#send(job, manager);
    });
    return this.find(projectId, jobId);
  }

  async find(projectId: string, jobId: string): Promise<Job | null> {
    const job = await this.store.find(projectId, jobId);
    return job && toJob(job);
  }

  async list(projectId: string, page: JobPage): Promise<{ jobs: Job[]; hasMore: boolean }> {
    const { items, hasMore } = await this.store.list(projectId, page);
    return { jobs: items.map(toJob), hasMore };
  }

  async findAll(projectId: string, jobIds: readonly string[]): Promise<Job[]> {
    return jobIds.length === 0 ? [] : (await this.store.findAll(projectId, jobIds)).map(toJob);
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

  drain(): Promise<void> {
    this.#drain ??= this.#stopWork();
    return this.#drain;
  }

  async beforeApplicationShutdown(): Promise<void> {
    if (!this.#start) return;
    await this.drain();
    await this.#boss.stop({ graceful: this.runner.size === 0, timeout: this.settings.interruptMs });
  }

  get #schema(): string {
    return bossSchema(this.connection);
  }

  async #stopWork(): Promise<void> {
    await this.#workers.stopLooking();
    await Promise.all([...this.#kinds, LOST_QUEUE].map((kind) => this.#boss.offWork(kind, { wait: false })));
    await this.runner.settled(this.settings.drainMs);
    await this.runner.interruptAll('shutting-down', this.settings.interruptMs);
  }

  #createBoss(): PgBoss {
    const boss = createBoss(this.connection, this.settings);
    boss.on('error', (error) => {
      this.#warnOnce(error);
    });
    return boss;
  }

  // What fails does so twice a second while the database is away; once is enough.
  #warnOnce(error: Error): void {
    const problem = error.message.replace(WORKER_MARK, '');
    if (problem === this.#lastProblem) return;
    this.#lastProblem = problem;
    this.#logger.warn(`The job queue has a problem: ${problem}`);
  }

  #ready(): Promise<unknown> {
    this.#start ??= this.#startBoss();
    return this.#start;
  }

  async #startBoss(): Promise<void> {
    await this.#boss.start();
    await this.#boss.createQueue(LOST_QUEUE, { retryLimit: 100, retryDelay: 5 });
    if (!this.settings.runsJobs) return;
    await this.#workers.add(LOST_QUEUE, ({ data }) => this.store.abandon(data.jobId, LOST, this.#handled));
    this.#workers.start();
    if (this.connection.isOwner) await this.#resumeOrphans();
  }

  /**
   * Nobody else can be running anything here, so what is active was left by a dead process: no need to wait for its
   * heartbeat. pg-boss is asked and not the table `job`, where what was only just fetched still counts as queued.
   */
  async #resumeOrphans(): Promise<void> {
    const active: { kind: string; ids: string[] }[] = await this.dataSource.query(
      `select name as kind, array_agg(id::text) as ids from "${this.#schema}".job
       where state = 'active' group by name`,
    );
    for (const { kind, ids } of active) await this.#boss.fail(kind, ids, { message: 'The process ended.' });
  }

  async #ensureQueue(kind: string): Promise<void> {
    await this.#ready();
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
    if (isNew) await this.#send(entity, manager);
    return toJob(entity);
  }

  async #send({ id, kind }: Pick<Job, 'id' | 'kind'>, manager: EntityManager): Promise<void> {
    const origin = this.runner.tracing.tracer?.origin();
    const message: JobMessage = { jobId: id, ...(origin && { origin }) };
    await this.#boss.send(kind, message, { db: toBossDatabase(manager) });
    if (manager.queryRunner) this.#committed.note(manager.queryRunner, kind);
  }

  async #run(kind: JobKind, { data, retryCount, retryLimit, signal }: JobWithMetadata<JobMessage>): Promise<void> {
    this.#lastProblem = '';
    const delayMs = await this.runner.run(data.jobId, kind, {
      isLast: retryCount >= retryLimit,
      signal,
      origin: data.origin,
    });
    if (delayMs !== null) await this.#postpone(kind.name, data, delayMs);
  }

  // A message of its own, whose attempts begin anew: pg-boss would count the one that waits as failed.
  async #postpone(kind: string, message: JobMessage, delayMs: number): Promise<void> {
    const seconds = Math.min(Math.ceil(delayMs / 1_000), this.settings.postponementMaxSeconds);
    await this.#boss.send(kind, message, { startAfter: Math.max(1, seconds) });
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
