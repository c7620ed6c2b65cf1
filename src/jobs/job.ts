import type { JsonObject } from '../core/json.js';
import type { Tracer } from '../core/telemetry/tracing.js';

export type JobStatus = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';

/** How far a job is, in whatever unit its handler counts; a total of 0 means that it is not known yet. */
export interface JobProgress {
  done: number;
  total: number;
}

/** Why a job or a stage failed, as its owner sees it. */
export interface JobError {
  code: string;
  message: string;
}

/** How one stage of a job stands. */
export interface JobStage {
  name: string;
  status: 'running' | 'done' | 'failed';
  /** How many attempts at the job came to this stage. */
  attempts: number;
  done: number;
  total: number;
  /** Of the last time it failed; null once it is done. */
  error: JobError | null;
}

/** What a handler tells of its stages; several may be under way at once. */
export interface JobStages {
  /** Does a stage's work, or a part of it, and notes why it failed when it does; rejects with the same error. */
  run<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** Notes how far a stage is; it is done when `done` reaches `total`. */
  progress(name: string, done: number, total: number): void;
}

/** A background job as its owner sees it. */
export interface Job {
  id: string;
  kind: string;
  projectId: string;
  status: JobStatus;
  progress: JobProgress;
  /** The stage that it is at or ended at; null for kinds without stages and before the first. */
  stage: string | null;
  /** Its stages so far, in the order they began. */
  stages: JobStage[];
  /** Why it failed; null unless the status is `failed`. */
  error: JobError | null;
  /** What the handler returned; null unless the status is `succeeded`. */
  result: JsonObject | null;
  createdAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
}

/** What somebody wants done in the background. */
export interface NewJob<P extends JsonObject> {
  kind: string;
  projectId: string;
  keyId: string | null;
  payload: P;
  /** While a job of the project and kind with this key is unfinished, it is returned instead of a new one. */
  dedupeKey?: string;
}

/** One attempt at a job, as its handler sees it. */
export interface RunningJob<P extends JsonObject> {
  readonly id: string;
  readonly projectId: string;
  readonly keyId: string | null;
  readonly payload: P;
  /** Counted from 1; an attempt whose process died counts. */
  readonly attempt: number;
  /** When its first attempt began, since it was last asked for; wall-clock milliseconds. */
  readonly startedAtMs: number;
  /** Whether an error of this attempt is the end of the job. */
  readonly isLastAttempt: boolean;
  /** Fires when the job was cancelled, when another process took it over, or when this process is shutting down. */
  readonly signal: AbortSignal;
  /**
   * Notes how far the job is; written a few times a second at most. Never waits for the database, so it may be called
   * inside a transaction. Rejects with the signal's reason when the signal has fired.
   */
  progress(done: number, total: number): Promise<void>;
  /** Makes traces of what is done for the job; null or missing while tracing is off. */
  readonly tracer?: Tracer | null;
  /** Where the attempt notes the stages that the job's owner sees. */
  readonly stages: JobStages;
}

/** Thrown by a handler when trying again cannot help; code and message are shown to the job's owner. */
export class JobFailure extends Error {
  override readonly name = 'JobFailure';
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * Thrown by a handler when the job has to wait for something that no attempt can change, such as a limit: it is tried again
 * later, however often, and none of its attempts is used up. Code and message say what it waits for.
 */
export class JobPostponement extends Error {
  override readonly name = 'JobPostponement';

  /** `delayMs`: when to try again; Infinity leaves it to the queue, which does not wait longer than its own limit. */
  constructor(
    readonly code: string,
    message: string,
    readonly delayMs: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
