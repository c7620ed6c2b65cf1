import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { QueryFailedError } from 'typeorm';
import { Clock } from '../../core/clock.js';
import { AppError } from '../../core/errors/app-error.js';
import type { LedgerRecord } from './ledger-record.js';
import { LedgerStore } from './ledger-store.js';

/** Records wait this long for company, then go to the database in one batch. */
const GATHER_MS = 50;
const BATCH_RECORDS = 200;
/** Some hundred megabytes at worst; beyond it the newest records are lost, and said to be. */
const MOST_WAITING = 50_000;
const CONFLICT_TRIES = 3;
const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 5_000;
const SHUTDOWN_TRIES = 5;

// Serialization failure and deadlock: the same transaction, run again, succeeds.
const CONFLICTS: readonly unknown[] = ['40001', '40P01'];

/**
 * Carries records to the ledger without anybody waiting: in batches, again when the database was away or busy, and all of
 * them before the process ends.
 */
@Injectable()
export class LedgerWriter implements BeforeApplicationShutdown, OnApplicationShutdown {
  readonly #logger = new Logger(LedgerWriter.name);
  readonly #waiting: LedgerRecord[] = [];
  #writing: Promise<void> | null = null;
  #cancelTimer: (() => void) | null = null;
  #failures = 0;
  #lost = 0;

  constructor(
    private readonly store: LedgerStore,
    private readonly clock: Clock,
  ) {}

  /** How many records are not in the database yet. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Takes a record. Never fails and never blocks. */
  record(record: LedgerRecord): void {
    if (this.#waiting.length >= MOST_WAITING) {
      this.#lost += 1;
      if (this.#lost === 1) this.#logger.error('The database is away and the ledger queue is full: records are lost.');
      return;
    }
    this.#waiting.push(record);
    this.#schedule(GATHER_MS);
  }

  /** Resolves once everything recorded so far is in the database; rejects when it cannot be written at present. */
  flush(): Promise<void> {
    this.#unschedule();
    if (this.#waiting.length === 0 && !this.#writing) return Promise.resolve();
    this.#writing ??= this.#writeAll();
    return this.#writing;
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#flushForGood();
  }

  // Calls that were cut off by the closing of the port are settled only after the first of the two.
  async onApplicationShutdown(): Promise<void> {
    await this.#flushForGood();
    this.#unschedule();
  }

  async #flushForGood(): Promise<void> {
    for (let tries = 1; this.#waiting.length > 0; tries += 1) {
      try {
        await this.flush();
      } catch (error) {
        if (tries < SHUTDOWN_TRIES) await this.clock.sleep(FIRST_RETRY_MS);
        else {
          this.#logger.error(`${String(this.#waiting.length)} ledger records could not be written: ${describe(error)}`);
          return;
        }
      }
    }
  }

  async #writeAll(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const batch = this.#waiting.slice(0, BATCH_RECORDS);
        await this.#writeBatch(batch);
        this.#waiting.splice(0, batch.length);
        this.#failures = 0;
      }
    } catch (error) {
      this.#failures += 1;
      if (this.#failures === 1) this.#logger.warn(`The ledger cannot be written, trying again: ${describe(error)}`);
      throw error;
    } finally {
      this.#writing = null;
      if (this.#waiting.length > 0) this.#schedule(retryMs(this.#failures));
    }
  }

  // One record that the database will never take must not hold up the others.
  async #writeBatch(batch: readonly LedgerRecord[]): Promise<void> {
    try {
      await this.#insert(batch);
    } catch (error) {
      if (isAway(error)) throw error;
      if (batch.length === 1) {
        this.#logger.error(
          `The ledger refused the record of request ${String(batch[0]?.requestId)}: ${describe(error)}`,
        );
        return;
      }
      for (const record of batch) await this.#writeBatch([record]);
    }
  }

  async #insert(batch: readonly LedgerRecord[]): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        await this.store.insert(batch);
        return;
      } catch (error) {
        if (tries >= CONFLICT_TRIES || !CONFLICTS.includes(codeOf(error))) throw error;
      }
    }
  }

  #schedule(ms: number): void {
    if (this.#cancelTimer || this.#writing) return;
    this.#cancelTimer = this.clock.schedule(() => {
      // The failure was logged, and the next try is scheduled.
      this.flush().catch(() => undefined);
    }, ms);
  }

  #unschedule(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
  }
}

function retryMs(failures: number): number {
  return failures === 0 ? GATHER_MS : Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LONGEST_RETRY_MS);
}

// Whatever the database itself answered about a row is final; a conflict that lasted, like all else, is not.
function isAway(error: unknown): boolean {
  const code = codeOf(error);
  if (error instanceof AppError || CONFLICTS.includes(code)) return true;
  return !(typeof code === 'string' && /^(?:22|23)/.test(code));
}

function codeOf(error: unknown): unknown {
  const failure: unknown = error instanceof QueryFailedError ? error.driverError : error;
  return typeof failure === 'object' && failure !== null && 'code' in failure ? failure.code : undefined;
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
