import type { EntityManager } from 'typeorm';
import type { JsonObject } from '../core/json.js';
import type { Principal } from '../core/principal.js';
import type { Job, JobStatus, NewJob } from './job.js';
import type { JobHandler, JobKindOptions } from './job-kind.js';

/** Which jobs are wanted. */
export interface JobPage {
  readonly kind?: string;
  readonly status?: JobStatus;
  readonly limit: number;
  /** The id of the last job of the page before. */
  readonly after?: string;
}

/** Background work that survives the process: kept in the database, tried several times, cancellable. */
export abstract class JobQueue {
  /**
   * Puts a job in the queue. With the manager of a transaction the job exists if and only if the transaction commits.
   * On the embedded database `process` must have been called for the kind before.
   */
  abstract enqueue<P extends JsonObject>(job: NewJob<P>, manager?: EntityManager): Promise<Job>;

  /**
   * Runs jobs of a kind in this process, `concurrency` (1) at a time, unless it is one that only takes requests. The handler's result is kept; a JobFailure ends the
   * job, a JobPostponement lets it wait, any other error is tried again with growing pauses. An attempt may be repeated after a crash: handlers bear that.
   */
  abstract process<P extends JsonObject>(
    kind: string,
    handler: JobHandler<P>,
    options?: JobKindOptions<P>,
  ): Promise<void>;

  /**
   * Cancels a job of the project; a running handler's signal fires within about a second, in whatever process it runs.
   * Null when the project has no such job. Throws AppError `invalid_state` when the job is finished.
   */
  abstract cancel(projectId: string, jobId: string): Promise<Job | null>;

  /**
   * Puts a job that failed or was cancelled back in the queue, with all its attempts, in the name of whoever asks for it.
   * Null when the project has no such job. Throws AppError `invalid_state` when the job is not over, has succeeded or is of a kind
   * that is done once, `insufficient_scope` when the key lacks what jobs of the kind need, `conflict` when another job does the same already.
   */
  abstract retry(principal: Principal, jobId: string): Promise<Job | null>;

  /** The job, or null when the project has no such job. */
  abstract find(projectId: string, jobId: string): Promise<Job | null>;

  /** A page of the project's jobs, newest first. Throws AppError `invalid_cursor`. */
  abstract list(projectId: string, page: JobPage): Promise<{ jobs: Job[]; hasMore: boolean }>;

  /** Those of the jobs that are the project's, in no order. */
  abstract findAll(projectId: string, jobIds: readonly string[]): Promise<Job[]>;

  /** How many jobs wait, by kind. */
  abstract depths(): Promise<Record<string, number>>;

  /** Whether the queue answers; false rather than an error when it does not, within about a second. */
  abstract isHealthy(): Promise<boolean>;

  /**
   * Takes no further job in this process, lets those that run finish within the drain time, then interrupts them for the
   * next process to resume. Resolves when they stopped; a second call joins the first.
   */
  abstract drain(): Promise<void>;
}
