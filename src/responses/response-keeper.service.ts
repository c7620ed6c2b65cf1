import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { Clock } from '../core/clock.js';
import { within } from '../core/within.js';
import { ResponseStore } from './store/response-store.js';
import type { NewResponse } from './store/stored-response.js';

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;
const MOST_RETRIES = 20;
const MOST_WAITING = 200;
const LONGEST_WAIT_MS = 5_000;

/** Stores responses at their end, as often as it takes: an answer goes out although the database is away for a moment. */
@Injectable()
export class ResponseKeeper implements BeforeApplicationShutdown {
  readonly #logger = new Logger('Responses');
  readonly #work = new Set<Promise<unknown>>();
  readonly #timers = new Set<() => void>();
  #isStopped = false;

  constructor(
    private readonly store: ResponseStore,
    private readonly clock: Clock,
  ) {}

  /** Resolves when all that ended is stored, or could not be. */
  async beforeApplicationShutdown(): Promise<void> {
    this.#isStopped = true;
    for (const cancel of this.#timers) cancel();
    while (this.#work.size > 0) await Promise.all(this.#work);
  }

  /** Never rejects: false when storing takes longer than a client should wait for it, or is to be tried again. */
  async keep(response: NewResponse): Promise<boolean> {
    const work = this.#tryToKeep(response, 0);
    this.#work.add(work);
    try {
      return await within(work, LONGEST_WAIT_MS, this.clock);
    } catch {
      return false;
    } finally {
      void work.then(() => this.#work.delete(work));
    }
  }

  async #tryToKeep(response: NewResponse, failures: number): Promise<boolean> {
    try {
      await this.store.insert(response);
      return true;
    } catch (error) {
      this.#retry(response, failures + 1, error as Error);
      return false;
    }
  }

  #retry(response: NewResponse, failures: number, { message }: Error): void {
    if (this.#isStopped || failures > MOST_RETRIES || this.#timers.size >= MOST_WAITING) {
      this.#logger.error(`A response could not be stored: ${message}`);
      return;
    }
    if (failures === 1) this.#logger.warn(`A response is not stored yet: ${message}`);
    const cancel = this.clock.schedule(
      () => {
        this.#timers.delete(cancel);
        const work = this.#tryToKeep(response, failures);
        this.#work.add(work);
        void work.then(() => this.#work.delete(work));
      },
      Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LONGEST_RETRY_MS),
    );
    this.#timers.add(cancel);
  }
}
