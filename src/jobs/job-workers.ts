import type { JobWithMetadata, PgBoss } from 'pg-boss';
import type { Clock } from '../core/clock.js';
import { countDueJobs } from './due-jobs.js';
import { JobLookout } from './job-lookout.js';
import type { JobQueueSettings } from './job-queue-settings.js';

/** What pg-boss carries of a job. */
export interface JobMessage {
  jobId: string;
  /** The `traceparent` of who asked for the job; missing without a trace. */
  origin?: string;
}

interface WorkerParts {
  readonly boss: PgBoss;
  readonly clock: Clock;
  readonly settings: JobQueueSettings;
  /** Where pg-boss keeps its tables. */
  readonly schema: string;
  /** Hears that nobody could look for work. */
  readonly failed: (error: Error) => void;
}

type Work = (message: JobWithMetadata<JobMessage>) => Promise<void>;

/** The workers of this process: each does one job of its kind at a time, and rests until there is another one. */
export class JobWorkers {
  readonly #parts: WorkerParts;
  readonly #lookout: JobLookout;

  constructor(parts: WorkerParts) {
    this.#parts = parts;
    const { boss, clock, schema, settings, failed } = parts;
    this.#lookout = new JobLookout({
      clock,
      everyMs: settings.lookoutMs,
      count: (kinds) => countDueJobs(boss.getDb(), schema, kinds),
      wake: (workerId) => {
        boss.notifyWorker(workerId);
      },
      failed,
    });
  }

  /** Looks for work from now on. */
  start(): void {
    this.#lookout.start();
  }

  stopLooking(): Promise<void> {
    return this.#lookout.stop();
  }

  /** A job of the kind can be taken now. */
  ring(kind: string): void {
    this.#lookout.ring(kind);
  }

  async add(kind: string, work: Work): Promise<void> {
    const { boss, settings } = this.#parts;
    const { pollingIntervalSeconds } = settings;
    let workerId = '';
    const handle = async (messages: JobWithMetadata<JobMessage>[]): Promise<void> => {
      this.#lookout.works(kind, workerId);
      // A worker waits out its interval between two jobs, however many are queued, unless it is told of more.
      boss.notifyWorker(workerId);
      try {
        for (const message of messages) await work(message);
      } finally {
        this.#lookout.rests(kind, workerId);
      }
    };
    workerId = await boss.work(kind, { includeMetadata: true, pollingIntervalSeconds }, handle);
    this.#lookout.rests(kind, workerId);
  }
}
