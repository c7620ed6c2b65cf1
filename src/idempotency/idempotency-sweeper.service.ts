import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { IdempotencyConfig } from '../config/idempotency-config.js';
import { Clock } from '../core/clock.js';
import { ClaimBook } from './claim-book.service.js';
import { IdempotencyStore } from './idempotency-store.js';

const SWEEP_EVERY_MS = 60_000;
/** How far answers are shrunk below their limit, so that the next one does not pass it again. */
const SHRUNK_SHARE = 0.9;

/** Deletes answers whose time is over and claims that nobody holds, and keeps all of them within their limit. */
@Injectable()
export class IdempotencySweeper implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger('Idempotency');
  #running: Promise<void> | null = null;
  #cancel: (() => void) | null = null;
  #isStopped = false;
  /** What this process knows of, since it last counted. */
  #knownBytes = 0;

  constructor(
    private readonly store: IdempotencyStore,
    private readonly book: ClaimBook,
    private readonly config: IdempotencyConfig,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.#schedule();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#isStopped = true;
    this.#cancel?.();
    await this.#running;
  }

  /** So many bytes more are stored. */
  noteStored(bytes: number): void {
    this.#knownBytes += bytes;
    if (this.#knownBytes > this.config.storageLimitBytes) this.#start();
  }

  /** Deletes what is over, and what is too much. */
  async sweep(): Promise<void> {
    const { storageLimitBytes } = this.config;
    await this.store.sweep(this.book.heldIds);
    this.#knownBytes = await this.store.storedBytes();
    if (this.#knownBytes <= storageLimitBytes) return;
    await this.store.shrinkTo(Math.floor(storageLimitBytes * SHRUNK_SHARE));
    this.#knownBytes = await this.store.storedBytes();
  }

  #start(): void {
    if (this.#isStopped) return;
    this.#running ??= this.sweep()
      .catch((error: unknown) => {
        this.#logger.warn(`Old answers could not be deleted: ${(error as Error).message}`);
      })
      .finally(() => {
        this.#running = null;
      });
  }

  #schedule(): void {
    this.#cancel = this.clock.schedule(() => {
      this.#start();
      if (!this.#isStopped) this.#schedule();
    }, SWEEP_EVERY_MS);
  }
}
