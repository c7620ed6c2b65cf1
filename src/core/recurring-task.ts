import type { Clock } from './clock.js';

/** What is to be done, how often, and who hears of its failures. */
export interface RecurringWork {
  /** From the end of one run to the begin of the next. */
  readonly everyMs: number;
  run(): Promise<unknown>;
  /** Hears of a run that failed; the next one comes all the same. */
  failed(error: Error): void;
}

/** Work that is done again and again until it is stopped, never twice at once. */
export class RecurringTask {
  #cancel: (() => void) | null = null;
  #running: Promise<void> | null = null;
  #isStopped = false;

  constructor(
    private readonly clock: Clock,
    private readonly work: RecurringWork,
    private readonly isWanted = true,
  ) {}

  /** The first run comes after the usual time; none does where the work is not wanted. */
  start(): void {
    if (this.#isStopped || !this.isWanted) return;
    this.#cancel = this.clock.schedule(() => {
      void this.#run().then(() => {
        this.start();
      });
    }, this.work.everyMs);
  }

  /** No run begins any more; resolves when the last one is over. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel?.();
    await this.#running;
  }

  #run(): Promise<void> {
    this.#running = this.work.run().then(
      () => undefined,
      (error: unknown) => {
        this.work.failed(error as Error);
      },
    );
    return this.#running;
  }
}
