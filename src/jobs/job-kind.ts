import type { EntityManager } from 'typeorm';
import type { JsonObject } from '../core/json.js';
import type { Scope } from '../core/principal.js';
import type { JobError, NewJob, RunningJob } from './job.js';
import type { Announcement } from './webhooks/announcement.js';

export type JobHandler<P extends JsonObject> = (job: RunningJob<P>) => Promise<JsonObject | null>;

/** A job that will not go on. */
export type OverJob<P extends JsonObject> = Pick<NewJob<P>, 'projectId' | 'payload'> & { readonly id: string };

/** How a job ended. */
export type JobEnd =
  | { readonly status: 'succeeded'; readonly result: JsonObject | null }
  | { readonly status: 'failed'; readonly error: JobError }
  | { readonly status: 'cancelled' };

export interface JobKindOptions<P extends JsonObject> {
  /** How many run in this process at once; 1 when left out. */
  concurrency?: number;
  /** What a key needs to have a job of the kind tried again; none when left out. */
  scope?: Scope;
  /** Why a job of the kind cannot be tried again, as whoever asks for it is told; it can when left out. */
  retryRefusal?: string;
  /**
   * Removes what a job left that failed for good, was cancelled or was lost. Runs in the transaction that says so; an
   * attempt that is still at work must find out by `holdAttempts` before it writes.
   */
  cleanUp?: (manager: EntityManager, job: OverJob<P>) => Promise<void>;
  /** Does what belongs to the job's success, in the transaction that says so. */
  conclude?: (manager: EntityManager, job: OverJob<P>, result: JsonObject | null) => Promise<void>;
  /** What webhooks are told of a job's end, written down in the transaction that says so; null tells them nothing. */
  announce?: (job: OverJob<P>, end: JobEnd) => Announcement | null;
}

/** How jobs of one kind are run. */
export interface JobKind extends JobKindOptions<JsonObject> {
  readonly name: string;
  readonly handler: JobHandler<JsonObject>;
}
