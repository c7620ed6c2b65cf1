import type { Clock } from './clock.js';
import { RecurringTask, type RecurringWork } from './recurring-task.js';

/** Something to be done again and again, from when the application is up until it goes down. */
export interface Chore extends Pick<RecurringWork, 'everyMs' | 'run'> {
  /** What is said when it failed, before the reason: `Old jobs could not be deleted`. */
  readonly complaint: string;
}

/** What is done again and again for all processes together, such as deleting what is over: only where jobs run. */
export class Housekeeping {
  readonly #chores: RecurringTask[] = [];

  constructor(
    private readonly clock: Clock,
    /** Whether this process does it. */
    readonly isOurs: boolean,
    /** Hears of what failed. */
    private readonly warn: (message: string) => void = () => undefined,
  ) {}

  /** The work as a task; where it is another process's, starting it does nothing. */
  task(work: RecurringWork): RecurringTask {
    return new RecurringTask(this.clock, work, this.isOurs);
  }

  /** Takes on a chore, before the application is up. */
  add({ complaint, everyMs, run }: Chore): void {
    const failed = ({ message }: Error): void => {
      this.warn(`${complaint}: ${message}`);
    };
    this.#chores.push(this.task({ everyMs, run, failed }));
  }

  /** Called by the framework, as `beforeApplicationShutdown` is. */
  onApplicationBootstrap(): void {
    for (const chore of this.#chores) chore.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.#chores.map((chore) => chore.stop()));
  }
}
