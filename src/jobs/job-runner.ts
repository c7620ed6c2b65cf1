import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../core/clock.js';
import { AppError } from '../core/errors/app-error.js';
import type { JsonObject } from '../core/json.js';
import { JobFailure, JobPostponement } from './job.js';
import type { JobEntity } from './job.entity.js';
import type { JobHandler } from './job-queue.js';
import { type AttemptKey, type JobError, JobStore } from './job-store.js';
import { ProgressWriter } from './progress-writer.js';

const PROGRESS_INTERVAL_MS = 500;
const WATCH_INTERVAL_MS = 1_000;

/** Why a handler's signal fired. */
export class JobInterruption extends Error {
  override readonly name = 'JobInterruption';

  constructor(readonly reason: 'cancelled' | 'taken-over' | 'shutting-down') {
    super(`The job is ${reason.replace('-', ' ')}.`);
  }
}

interface RunningAttempt {
  readonly key: AttemptKey;
  readonly abort: AbortController;
}

/** Runs handlers: one attempt at a time of each job, watched for cancellation, its outcome written down. */
@Injectable()
export class JobRunner {
  readonly #logger = new Logger('Jobs');
  readonly #running = new Map<string, RunningAttempt>();
  #isWatching = false;

  constructor(
    private readonly store: JobStore,
    private readonly clock: Clock,
  ) {}

  /** How many attempts run in this process. */
  get size(): number {
    return this.#running.size;
  }

  /**
   * Makes the next attempt at a job, unless it is finished or cancelled. Resolves with null when the job needs no further
   * attempt, with the milliseconds to wait when it was postponed; rejects when it failed and is to be tried again. `isLast`
   * turns an error into the job's failure.
   */
  async run(
    id: string,
    handler: JobHandler<JsonObject>,
    options: { isLast: boolean; signal: AbortSignal },
  ): Promise<number | null> {
    const job = await this.store.claim(id);
    if (!job) return null;
    const attempt: RunningAttempt = { key: { id, attempt: job.attempt }, abort: new AbortController() };
    this.#running.set(id, attempt);
    this.#watch();
    const progress = new ProgressWriter(this.clock, PROGRESS_INTERVAL_MS, (value) =>
      this.store.writeProgress(attempt.key, value),
    );
    try {
      const result = await handler(
        toRunningJob(
          job,
          { isLast: options.isLast, signal: AbortSignal.any([attempt.abort.signal, options.signal]) },
          progress,
        ),
      );
      await progress.finish();
      await this.store.succeed(attempt.key, result);
      return null;
    } catch (error) {
      await progress.finish();
      return await this.#settleFailure(attempt, error, options.isLast);
    } finally {
      this.#running.delete(id);
    }
  }

  /** Fires the signal of the job's attempt when it runs in this process. */
  interrupt(id: string, reason: JobInterruption['reason']): void {
    this.#running.get(id)?.abort.abort(new JobInterruption(reason));
  }

  /** Fires every signal and resolves when all attempts ended, after `withinMs` at the latest. */
  async interruptAll(reason: JobInterruption['reason'], withinMs: number): Promise<void> {
    for (const { abort } of this.#running.values()) abort.abort(new JobInterruption(reason));
    await this.settled(withinMs);
  }

  /** Resolves when nothing runs any more, after `withinMs` at the latest. */
  async settled(withinMs: number): Promise<void> {
    const deadline = this.clock.monotonic() + withinMs;
    while (this.#running.size > 0 && this.clock.monotonic() < deadline) await this.clock.sleep(50);
  }

  async #settleFailure({ key, abort }: RunningAttempt, error: unknown, isLast: boolean): Promise<number | null> {
    const interruption: unknown = abort.signal.reason;
    if (interruption instanceof JobInterruption) {
      // A cancelled job has its end already, one that was taken over belongs to somebody else.
      if (interruption.reason !== 'shutting-down') return null;
      await this.store.requeue(key, null);
      throw interruption;
    }
    if (error instanceof JobFailure) {
      await this.store.fail(key, { code: error.code, message: error.message });
      return null;
    }
    if (error instanceof JobPostponement) {
      await this.store.requeue(key, { code: error.code, message: error.message });
      return error.delayMs;
    }
    if (!(error instanceof AppError)) this.#logger.error(`Job ${key.id} failed: ${describe(error)}`);
    const shown = toJobError(error);
    await (isLast ? this.store.fail(key, shown) : this.store.requeue(key, shown));
    throw error;
  }

  /** A job may be cancelled through any process, and the embedded database has no notifications: ask. */
  #watch(): void {
    if (this.#isWatching) return;
    this.#isWatching = true;
    this.clock.schedule(() => {
      this.#isWatching = false;
      if (this.#running.size === 0) return;
      this.#interruptOver()
        // While the database is away nothing can be known; the handlers notice by themselves.
        .catch(() => undefined)
        .finally(() => {
          if (this.#running.size > 0) this.#watch();
        });
    }, WATCH_INTERVAL_MS);
  }

  async #interruptOver(): Promise<void> {
    const keys = [...this.#running.values()].map(({ key }) => key);
    for (const { id, isCancelled } of await this.store.findOver(keys)) {
      this.interrupt(id, isCancelled ? 'cancelled' : 'taken-over');
    }
  }
}

function toRunningJob(
  job: JobEntity,
  { isLast, signal }: { isLast: boolean; signal: AbortSignal },
  writer: ProgressWriter,
): Parameters<JobHandler<JsonObject>>[0] {
  const { id, projectId, keyId, payload, attempt } = job;
  const progress = (done: number, total: number): Promise<void> => {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    writer.set({ done, total });
    return Promise.resolve();
  };
  return { id, projectId, keyId, payload: payload as JsonObject, attempt, isLastAttempt: isLast, signal, progress };
}

/** Errors of our own are safe to show; others may carry anything. */
function toJobError(error: unknown): JobError {
  if (error instanceof AppError) return { code: error.code, message: error.message };
  return { code: 'internal_error', message: 'The job failed unexpectedly. The log of the server says more.' };
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
