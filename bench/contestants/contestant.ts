import type { Endpoint } from '../load/job.js';

/** What a contestant needs of the benchmark. */
export interface Surroundings {
  readonly mockPort: number;
  /** A directory of this run, for configuration files and data. */
  readonly directory: string;
  /** A directory that stays, for what has to be installed. */
  readonly cacheDirectory: string;
  /** Where the PostgreSQL is that the governed Trunkline shall use; null for the embedded database. */
  readonly databaseUrl: string | null;
}

/** A contestant that takes requests. */
export interface RunningContestant {
  readonly endpoint: Endpoint;
  /** Its process, whose children count too; null for the baseline, which has none. */
  readonly pid: number | null;
  /** Milliseconds from the start of its process to the first answer of its readiness probe. */
  readonly startMs: number;
  /** Processes that work for it elsewhere: its database's. */
  otherPids?(): Promise<number[]>;
  stop(): Promise<void>;
}

/** One row of the table. */
export interface Contestant {
  readonly name: string;
  readonly title: string;
  /** Makes ready what a start must not be charged with. Resolves to the version. Rejects when it cannot be had. */
  prepare(surroundings: Surroundings): Promise<string>;
  start(surroundings: Surroundings): Promise<RunningContestant>;
}

export const CHAT_PATH = '/v1/chat/completions';
