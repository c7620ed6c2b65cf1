import type { Clock } from '../core/clock.js';
import { RecurringTask } from '../core/recurring-task.js';

interface LookoutParts {
  readonly clock: Clock;
  readonly everyMs: number;
  /** How many jobs of each of these kinds could begin now. */
  readonly count: (kinds: readonly string[]) => Promise<ReadonlyMap<string, number>>;
  readonly wake: (workerId: string) => void;
  readonly failed: (error: Error) => void;
}

/**
 * Looks after work for all workers of the process at once, because each of them looking for itself is one query per worker:
 * an idle worker is woken when a job of its kind is due, whoever put it there.
 */
export class JobLookout {
  readonly #parts: LookoutParts;
  readonly #task: RecurringTask;
  /** By kind: the workers that have nothing to do. */
  readonly #idle = new Map<string, Set<string>>();

  constructor(parts: LookoutParts) {
    this.#parts = parts;
    const { clock, everyMs, failed } = parts;
    this.#task = new RecurringTask(clock, { everyMs, run: () => this.#look(), failed });
  }

  start(): void {
    this.#task.start();
  }

  /** Resolves when the last look is over. */
  stop(): Promise<void> {
    return this.#task.stop();
  }

  /** The worker has nothing to do. */
  rests(kind: string, workerId: string): void {
    let idle = this.#idle.get(kind);
    if (!idle) this.#idle.set(kind, (idle = new Set()));
    idle.add(workerId);
  }

  /** The worker has something to do. */
  works(kind: string, workerId: string): void {
    this.#idle.get(kind)?.delete(workerId);
  }

  /** So many jobs of the kind have just come to wait. */
  ring(kind: string, jobs = 1): void {
    const idle = this.#idle.get(kind);
    if (!idle) return;
    for (const workerId of [...idle].slice(0, jobs)) {
      // It says a moment later that it works: until then the next call is somebody else's.
      idle.delete(workerId);
      idle.add(workerId);
      this.#parts.wake(workerId);
    }
  }

  async #look(): Promise<void> {
    const kinds = [...this.#idle].filter(([, { size }]) => size > 0).map(([kind]) => kind);
    if (kinds.length === 0) return;
    for (const [kind, due] of await this.#parts.count(kinds)) this.ring(kind, due);
  }
}
