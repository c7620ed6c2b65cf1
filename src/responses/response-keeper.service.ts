import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { Clock } from '../core/clock.js';
import { within } from '../core/within.js';
import { ResponseStore } from './store/response-store.js';
import type { NewResponse } from './store/stored-response.js';

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;
const MOST_RETRIES = 20;
const MOST_WAITING = 200;
const MOST_WAITING_BYTES = 64 * 1024 * 1024;
const LONGEST_WAIT_MS = 5_000;

/** Stores responses at their end, as often as it takes: an answer goes out although the database is away for a moment. */
@Injectable()
export class ResponseKeeper implements BeforeApplicationShutdown {
  readonly #logger = new Logger('Responses');
  readonly #work = new Set<Promise<unknown>>();
  /** What waits to be tried again, by what calls that off. */
  readonly #waiting = new Map<() => void, NewResponse>();
  #waitingBytes = 0;
  #isStopped = false;

  constructor(
    private readonly store: ResponseStore,
    private readonly clock: Clock,
  ) {}

  /** Resolves when all that ended is stored, or could not be: what waits is tried once more. */
  async beforeApplicationShutdown(): Promise<void> {
    this.#isStopped = true;
    for (const [cancel, response] of this.#waiting) {
      cancel();
      void this.#begin(response, MOST_RETRIES);
    }
    this.#waiting.clear();
    while (this.#work.size > 0) await Promise.all(this.#work);
  }

  /** Never rejects: false when storing takes longer than a client should wait for it, or is to be tried again. */
  async keep(response: NewResponse): Promise<boolean> {
    try {
      return await within(this.#begin(response, 0), LONGEST_WAIT_MS, this.clock);
    } catch {
      return false;
    }
  }

  #begin(response: NewResponse, failures: number): Promise<boolean> {
    const work = this.#tryToKeep(response, failures);
    this.#work.add(work);
    void work.then(() => this.#work.delete(work));
    return work;
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
    const bytes = JSON.stringify([response.body, response.input, response.output]).length;
    const isFull = this.#waiting.size >= MOST_WAITING || this.#waitingBytes + bytes > MOST_WAITING_BYTES;
    if (this.#isStopped || failures > MOST_RETRIES || isFull) {
      this.#logger.error(`A response could not be stored: ${message}`);
      return;
    }
    if (failures === 1) this.#logger.warn(`A response is not stored yet: ${message}`);
    const cancel = this.clock.schedule(
      () => {
        this.#waiting.delete(cancel);
        this.#waitingBytes -= bytes;
        void this.#begin(response, failures);
      },
      Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LONGEST_RETRY_MS),
    );
    this.#waiting.set(cancel, response);
    this.#waitingBytes += bytes;
  }
}
