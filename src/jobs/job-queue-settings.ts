/** The queue's timing; type and injection token in one. */
export class JobQueueSettings {
  readonly maxAttempts: number = 5;
  /** Before the second attempt; doubled for each further one, up to the maximum. */
  readonly retryDelaySeconds: number = 2;
  readonly retryDelayMaxSeconds: number = 300;
  /** A job that was postponed looks again after this long at the latest: what it waits for may have been changed. */
  readonly postponementMaxSeconds: number = 300;
  /** The process looks for work this often, for all its workers at once; what it enqueues itself they take at once. */
  readonly lookoutMs: number = 500;
  /** An idle worker looks by itself this often, should the process not have told it. */
  readonly pollingIntervalSeconds: number = 60;
  /** A worker that was silent for this long is dead and its job goes to another; 10 is the least that pg-boss takes. */
  readonly heartbeatSeconds: number = 15;
  readonly heartbeatCheckSeconds: number = 5;
  /** An attempt may take this long, however alive its worker is. */
  readonly expireSeconds: number = 4 * 3600;
  /** How long running attempts may go on when the process is told to end. */
  readonly drainMs: number;
  /** How long they may take to stop after that. */
  readonly interruptMs: number = 2_000;

  /** Whether this process runs jobs, or only enqueues them. */
  readonly runsJobs: boolean;

  constructor(drainMs: number, runsJobs = true) {
    this.drainMs = drainMs;
    this.runsJobs = runsJobs;
  }
}
