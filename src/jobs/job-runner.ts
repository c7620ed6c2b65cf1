import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../core/clock.js';
import { AppError } from '../core/errors/app-error.js';
import type { JsonObject } from '../core/json.js';
import { type Tracer, Tracing } from '../core/telemetry/tracing.js';
import { Telemetry } from '../core/telemetry/telemetry.js';
import { JobFailure, JobPostponement, type JobProgress, type JobStage } from './job.js';
import { jobOutcomeOf } from './job-outcome-of.js';
import type { JobEntity } from './job.entity.js';
import { toJobError } from './job-error.js';
import { JobInterruption } from './job-interruption.js';
import type { JobHandler, JobKind } from './job-kind.js';
import { type AttemptKey, type JobNotes, JobStore, toOverJob } from './job-store.js';
import { ProgressWriter } from './progress-writer.js';
import { StageLog, type StageTimer } from './stage-log.js';

const PROGRESS_INTERVAL_MS = 500;
const WATCH_INTERVAL_MS = 1_000;

interface RunningAttempt {
  readonly job: JobEntity;
  readonly key: AttemptKey;
  readonly kind: JobKind;
  readonly abort: AbortController;
  readonly isLast: boolean;
}

/** How an attempt is made. */
interface RunOptions {
  readonly isLast: boolean;
  readonly signal: AbortSignal;
  /** The `traceparent` of who asked for the job. */
  readonly origin?: string;
}

/** Runs handlers: one attempt at a time of each job, watched for cancellation, its outcome written down. */
@Injectable()
export class JobRunner {
  readonly #logger = new Logger('Jobs');
  readonly #running = new Set<RunningAttempt>();
  #isWatching = false;

  constructor(
    private readonly store: JobStore,
    readonly clock: Clock,
    private readonly telemetry: Telemetry,
    readonly tracing: Tracing = new Tracing(),
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
  async run(id: string, kind: JobKind, options: RunOptions): Promise<number | null> {
    const job = await this.store.claim(id);
    if (!job) return null;
    const { isLast } = options;
    const { tracer } = this.tracing;
    const attempt: RunningAttempt = {
      ...{ job, kind, isLast, key: { id, attempt: job.attempt }, abort: new AbortController() },
    };
    // Whoever began the job before has lost it.
    this.interrupt(id, 'taken-over');
    this.#running.add(attempt);
    this.#watch();
    const writer = new ProgressWriter<JobNotes>(this.clock, PROGRESS_INTERVAL_MS, (notes) =>
      this.store.writeNotes(attempt.key, notes),
    );
    const signal = AbortSignal.any([attempt.abort.signal, options.signal]);
    const startedAt = this.clock.monotonic();
    let failure: unknown = null;
    try {
      const handle = (): Promise<JsonObject | null> =>
        kind.handler(toRunningJob(job, { isLast, signal, timer: this.#timerOf(kind), tracer }, writer));
      const result = await (tracer ? this.#traced(tracer, attempt, options.origin, handle) : handle());
      await this.store.succeed({ ...toOverJob(job), ...attempt.key }, result, await writer.take(), kind);
      return null;
    } catch (error) {
      failure = error;
      return await this.#settleFailure(attempt, error, await writer.take());
    } finally {
      this.#running.delete(attempt);
      const outcome = failure === null ? 'succeeded' : jobOutcomeOf(failure, attempt.abort.signal, isLast);
      this.telemetry.jobEnded({ kind: kind.name, outcome, seconds: (this.clock.monotonic() - startedAt) / 1_000 });
    }
  }

  #traced(
    tracer: Tracer,
    { job, key, kind, abort, isLast }: RunningAttempt,
    origin: string | undefined,
    handle: () => Promise<JsonObject | null>,
  ): Promise<JsonObject | null> {
    const traced = { ...key, kind: kind.name, projectId: job.projectId, origin: origin ?? null };
    return tracer.job(traced, handle, (thrown) => jobOutcomeOf(thrown, abort.signal, isLast));
  }

  #timerOf({ name: kind }: JobKind): StageTimer {
    return (stage) => {
      const startedAt = this.clock.monotonic();
      return () => {
        this.telemetry.jobStageEnded({ kind, stage, seconds: (this.clock.monotonic() - startedAt) / 1_000 });
      };
    };
  }

  /** Fires the signal of the job's attempt when it runs in this process. */
  interrupt(id: string, reason: JobInterruption['reason']): void {
    for (const { key, abort } of this.#running) if (key.id === id) abort.abort(new JobInterruption(reason));
  }

  /** Fires every signal and resolves when all attempts ended, after `withinMs` at the latest. */
  async interruptAll(reason: JobInterruption['reason'], withinMs: number): Promise<void> {
    for (const { abort } of this.#running) abort.abort(new JobInterruption(reason));
    await this.settled(withinMs);
  }

  /** Resolves when nothing runs any more, after `withinMs` at the latest. */
  async settled(withinMs: number): Promise<void> {
    if (this.#running.size === 0) return;
    let isOver = false as boolean;
    const cancel = this.clock.schedule(() => (isOver = true), withinMs);
    while (this.#running.size > 0 && !isOver) await this.clock.sleep(50);
    cancel();
  }

  async #settleFailure(attempt: RunningAttempt, error: unknown, notes: JobNotes | null): Promise<number | null> {
    const { key, abort, isLast } = attempt;
    const interruption: unknown = abort.signal.reason ?? error;
    if (interruption instanceof JobInterruption) {
      // A cancelled job has its end already, one that was taken over belongs to somebody else.
      if (interruption.reason !== 'shutting-down') return null;
      await this.store.requeue(key, null, notes);
      throw interruption;
    }
    if (error instanceof JobFailure) {
      await this.#fail(attempt, error, notes);
      return null;
    }
    if (error instanceof JobPostponement) {
      await this.store.requeue(key, { code: error.code, message: error.message }, notes);
      return error.delayMs;
    }
    if (!(error instanceof AppError)) this.#logger.error(`Job ${key.id} failed: ${describe(error)}`);
    await (isLast ? this.#fail(attempt, error, notes) : this.store.requeue(key, toJobError(error), notes));
    throw error;
  }

  async #fail({ job, key, kind }: RunningAttempt, error: unknown, notes: JobNotes | null): Promise<void> {
    await this.store.fail({ ...toOverJob(job), ...key }, toJobError(error), notes, kind);
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
    const asked = [...this.#running];
    const over = await this.store.findOver(asked.map(({ key }) => key));
    for (const { key, isCancelled } of over) {
      const reason = isCancelled ? 'cancelled' : 'taken-over';
      // An attempt that began since then is not meant.
      for (const attempt of asked) if (attempt.key === key) attempt.abort.abort(new JobInterruption(reason));
    }
  }
}

function toRunningJob(
  job: JobEntity,
  {
    isLast,
    signal,
    timer,
    tracer,
  }: Pick<RunOptions, 'isLast' | 'signal'> & { timer: StageTimer; tracer: Tracer | null },
  writer: ProgressWriter<JobNotes>,
): Parameters<JobHandler<JsonObject>>[0] {
  const { id, projectId, keyId, payload, attempt } = job;
  let latest: JobProgress | null = null;
  const note = (): void => {
    writer.set({ progress: latest, stage: stages.current, stages: stages.list() });
  };
  const stages = new StageLog(job.stages as JobStage[], note, timer);
  return {
    ...{ id, projectId, keyId, attempt, signal, stages, payload: payload as JsonObject, isLastAttempt: isLast },
    tracer,
    startedAtMs: (job.startedAt ?? job.createdAt).getTime(),
    progress: (done, total) => {
      if (signal.aborted) return Promise.reject(signal.reason as Error);
      latest = { done, total };
      note();
      return Promise.resolve();
    },
  };
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
