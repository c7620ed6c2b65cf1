import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Clock } from '../../core/clock.js';
import { AppError } from '../../core/errors/app-error.js';
import { isStorableId, ProviderStateStore, type StateRow } from './provider-state-store.js';
import { sizeOf } from './tool-call-state.js';

/** Rows wait this long for company: far shorter than a client takes to answer a tool call. */
const GATHER_MS = 20;
const BATCH_ROWS = 100;
const MOST_WAITING_ROWS = 2_000;
const MOST_WAITING_BYTES = 8_388_608;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;
const CLEANUP_EVERY_MS = 600_000;

/**
 * Carries states to the database without anybody waiting, and clears away what has expired there. While the database is
 * away only so many wait; the others stay with this process alone.
 */
@Injectable()
export class ProviderStateWriter implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger(ProviderStateWriter.name);
  readonly #waiting = new Map<string, StateRow>();
  #waitingBytes = 0;
  #writing: Promise<void> | null = null;
  #cancelWrite: (() => void) | null = null;
  #cancelCleanup: (() => void) | null = null;
  #failures = 0;

  constructor(
    private readonly store: ProviderStateStore,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.#scheduleCleanup();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#cancelCleanup?.();
    this.#cancelWrite?.();
    await this.flush();
    this.#cancelWrite?.();
  }

  /** Takes a row. Never fails and never blocks. */
  write(row: StateRow): void {
    if (!isStorableId(row.callId)) return;
    if (this.#waiting.size >= MOST_WAITING_ROWS || this.#waitingBytes >= MOST_WAITING_BYTES) return;
    this.#put(row);
    this.#schedule(GATHER_MS);
  }

  /** Resolves once all that waits was written, or could not be. */
  async flush(): Promise<void> {
    while (this.#writing) await this.#writing;
    this.#writing = this.#writeAll().finally(() => {
      this.#writing = null;
    });
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.size > 0) {
      const batch = this.#takeBatch();
      try {
        await this.store.save(batch);
        this.#failures = 0;
      } catch (error) {
        this.#onFailure(batch, error);
        return;
      }
    }
  }

  // What the database refuses it will refuse again; what it could not be asked may be written later.
  #onFailure(batch: readonly StateRow[], error: unknown): void {
    this.#failures += 1;
    if (this.#failures === 1) {
      this.#logger.warn(`Provider state is kept by this process alone for now: ${(error as Error).message}`);
    }
    if (error instanceof AppError) {
      for (const row of batch) if (!this.#waiting.has(keyOf(row))) this.#put(row);
    }
    if (this.#waiting.size === 0) return;
    this.#cancelWrite?.();
    this.#cancelWrite = null;
    this.#schedule(Math.min(FIRST_RETRY_MS * 2 ** (this.#failures - 1), LONGEST_RETRY_MS));
  }

  #takeBatch(): StateRow[] {
    const batch = [...this.#waiting.values()].slice(0, BATCH_ROWS);
    for (const row of batch) {
      this.#waiting.delete(keyOf(row));
      this.#waitingBytes -= sizeOf(row.state);
    }
    return batch;
  }

  #put(row: StateRow): void {
    const key = keyOf(row);
    const earlier = this.#waiting.get(key);
    if (earlier) this.#waitingBytes -= sizeOf(earlier.state);
    this.#waiting.set(key, row);
    this.#waitingBytes += sizeOf(row.state);
  }

  #schedule(ms: number): void {
    if (this.#cancelWrite) return;
    this.#cancelWrite = this.clock.schedule(() => {
      this.#cancelWrite = null;
      void this.flush();
    }, ms);
  }

  #scheduleCleanup(): void {
    this.#cancelCleanup = this.clock.schedule(() => {
      this.#scheduleCleanup();
      // Whatever went wrong, the next one does the same work.
      this.store.deleteExpired().catch(() => undefined);
    }, CLEANUP_EVERY_MS);
  }
}

function keyOf({ projectId, callId }: StateRow): string {
  return `${projectId} ${callId}`;
}
