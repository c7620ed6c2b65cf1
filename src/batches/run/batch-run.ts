import type { Clock } from '../../core/clock.js';
import type { AppError } from '../../core/errors/app-error.js';
import { JobPostponement } from '../../jobs/job.js';
import type { LineDesk } from './line-desk.js';
import type { TakenLine } from './line-outcome.js';
import type { LineSlots } from './line-slots.js';
import type { LineWorker } from './line-worker.js';

/** What one attempt works with. */
export interface RunParts {
  readonly batchId: string;
  /** Wall-clock milliseconds after which no line is begun. */
  readonly expiresAtMs: number;
  readonly lanes: number;
  readonly signal: AbortSignal;
  readonly desk: LineDesk;
  readonly worker: LineWorker;
  readonly slots: LineSlots;
  readonly clock: Clock;
}

/** How often it is asked whether other batches wait for their turn. */
const TURN_MS = 60_000;
/** The queue ends attempts that take for ever, as if they had failed: a batch makes room before. */
const MOST_TURNS = 60;

/** One attempt at the lines of a batch: several lanes that take one line after the other. */
export class BatchRun {
  /** Why no further line is begun. */
  #stop: 'expired' | Error | null = null;
  #underWay = 0;
  #turns = 0;
  #isOver = false;
  #cancelTimer: () => void = () => undefined;

  constructor(
    private readonly parts: RunParts,
    private readonly isOthersTurn: () => Promise<boolean>,
  ) {}

  /**
   * Resolves to `expired` when the time was over, to null when there was nothing left to begin; nothing is under way then.
   * Rejects with JobPostponement when the batch has to wait, with the signal's reason, and with what kept a result from
   * being written.
   */
  async run(): Promise<'expired' | null> {
    const { lanes, signal } = this.parts;
    this.#watchTurn();
    try {
      await Promise.all(Array.from({ length: lanes }, () => this.#lane()));
    } finally {
      this.#isOver = true;
      this.#cancelTimer();
    }
    signal.throwIfAborted();
    if (this.#stop instanceof Error) throw this.#stop;
    return this.#stop;
  }

  async #lane(): Promise<void> {
    try {
      while (await this.#workOne());
    } catch (error) {
      // The others end what they have in hand.
      this.#stop = error instanceof Error ? error : new Error(String(error));
    }
  }

  /** Whether the lane goes on. */
  async #workOne(): Promise<boolean> {
    const { batchId, desk, slots } = this.parts;
    const free = await slots.acquire(batchId);
    try {
      if (this.#isStopped()) return false;
      const line = await desk.take();
      if (line === null) return false;
      this.#underWay += 1;
      return await this.#answer(line).finally(() => (this.#underWay -= 1));
    } finally {
      free();
    }
  }

  async #answer(line: TakenLine): Promise<boolean> {
    const { desk, worker } = this.parts;
    if (this.#isStopped()) {
      await desk.release(line.ordinal);
      return false;
    }
    try {
      const { outcome, wait } = await worker.answer(line);
      if (wait) return await this.#wait(line, wait);
      await desk.settle(outcome);
      return true;
    } catch (error) {
      // Nobody else knows that the line is not at work any more; a batch that is over takes nothing back.
      await desk.release(line.ordinal).catch(() => undefined);
      throw error;
    }
  }

  // As many as may run at once do: a lane that finds no room leaves it to the others.
  async #wait(line: TakenLine, error: AppError): Promise<boolean> {
    const { desk, clock, expiresAtMs } = this.parts;
    await desk.release(line.ordinal);
    if (error.code === 'concurrency_limit' && this.#underWay > 1) return false;
    const delayMs = Math.min(error.retryAfterMs ?? Infinity, Math.max(0, expiresAtMs - clock.now()));
    this.#stop ??= new JobPostponement(error.code, error.message, delayMs, { cause: error });
    return false;
  }

  #isStopped(): boolean {
    const { signal, clock, expiresAtMs } = this.parts;
    if (clock.now() >= expiresAtMs) this.#stop ??= 'expired';
    return this.#stop !== null || signal.aborted;
  }

  #watchTurn(): void {
    this.#cancelTimer = this.parts.clock.schedule(() => {
      this.#turns += 1;
      this.isOthersTurn()
        .then((isTheirs) => {
          if (isTheirs || this.#turns >= MOST_TURNS)
            this.#stop ??= new JobPostponement('batch_turn', 'Other batches have their turn.', 0);
        })
        // Whoever cannot be asked has no turn.
        .catch(() => undefined)
        .finally(() => {
          if (this.#stop === null && !this.#isOver) this.#watchTurn();
        });
    }, TURN_MS);
  }
}
