import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Clock } from '../../core/clock.js';
import { AppError } from '../../core/errors/app-error.js';
import type { LedgerGauges } from '../../core/telemetry/metric-sources.js';
import { within } from '../../core/within.js';
import { DeadLetters } from './dead-letters.js';
import { toFinalEntry, toLine, toOpeningEntry, type LedgerEntry } from './ledger-entry.js';
import type { LedgerOpening, LedgerRecord } from './ledger-record.js';
import { LedgerStore } from './ledger-store.js';
import { describe, writeEntries } from './write-entries.js';
import { SettlementQueue } from './settlement-queue.js';
import { type Segment, WriteAheadLog } from './write-ahead-log.js';

/** Entries wait this long for company, then go to the database in one batch. */
const GATHER_MS = 50;
const BATCH_ENTRIES = 200;
const FIRST_RETRY_MS = 100;
/** New requests wait for the next try to succeed, so it must not be far. */
const LONGEST_RETRY_MS = 1_000;
const SHUTDOWN_TRIES = 5;
/** One failure may be a connection that broke; the next try makes another. */
const FAILURES_UNTIL_AWAY = 2;
/** A statement that hangs as long is as good as failed. */
const SLOWEST_WRITE_MS = 10_000;
/** The server gives up a statement sooner: whose answer is not there by then was lost on the way. */
const LOST_WRITE_MS = 35_000;

/** A request under way that has no row yet. */
interface Opening {
  readonly entry: LedgerEntry;
  readonly at: number;
  readonly segment: Segment;
}

/**
 * Carries the ledger to the database without anybody waiting: each entry into the write-ahead file at once, then in batches
 * to the tables, again when the database was away or busy, and all of them before the process ends.
 */
@Injectable()
export class LedgerWriter implements BeforeApplicationShutdown, OnApplicationShutdown {
  readonly #logger = new Logger(LedgerWriter.name);
  readonly #openings = new Map<string, Opening>();
  readonly #queue: SettlementQueue;
  #writing: Promise<void> | null = null;
  #writingSince = Infinity;
  #cancelTimer: (() => void) | null = null;
  #failures = 0;
  #isDiskFailing = false;
  /** When rows were written, or began to wait, the last time. */
  #gotOnAt = 0;

  constructor(
    private readonly store: LedgerStore,
    private readonly log: WriteAheadLog,
    private readonly deadLetters: DeadLetters,
    private readonly clock: Clock,
  ) {
    this.#queue = new SettlementQueue(log);
  }

  /** Whether everything that was recorded is in the database. */
  get isSettled(): boolean {
    return this.#queue.isEmpty;
  }

  /** What is not in the database yet. */
  get gauges(): LedgerGauges {
    const { entries, bytes } = this.log.size;
    const unsettled = this.#queue.pushed - this.#queue.written;
    const stalledMs = unsettled === 0 ? 0 : this.clock.monotonic() - this.#gotOnAt;
    return { unsettled, fileEntries: entries, fileBytes: bytes, stalledSeconds: Math.max(0, stalledMs) / 1_000 };
  }

  /**
   * Writes down that a request is about to go upstream, so that it is billed even if this process dies. A later opening of
   * the same id takes the place of the earlier: for what is admitted or reserved on top in the same call, with the sums.
   * Throws `dependency_unavailable` when what it costs could not be kept.
   */
  open(opening: LedgerOpening): void {
    if (this.#isAway()) throw unavailable('The database is not available. Try again shortly.');
    const entry = toOpeningEntry(opening, this.log.instanceId);
    const segment = this.#append(entry);
    if (!segment) throw unavailable('The server has no room to write down what requests cost. Try again later.');
    this.#forget(opening.id);
    this.#openings.set(opening.id, { entry, at: this.clock.monotonic(), segment });
    this.#schedule(GATHER_MS);
  }

  /** Takes the record that ends a request. Never fails and never blocks. */
  record(record: LedgerRecord): void {
    const entry = toFinalEntry(record, this.log.instanceId);
    if (this.#queue.isEmpty) this.#gotOnAt = this.clock.monotonic();
    const position = this.log.end;
    const segment = this.#append(entry);
    if (segment) {
      // Its end says all that its opening said.
      this.#forget(record.id);
      this.#queue.push(entry, segment, position);
    } else {
      this.#queue.keep(entry, this.#openings.get(record.id)?.segment ?? null);
      this.#openings.delete(record.id);
    }
    // What may have to wait for long is to outlive the power.
    if (this.#failures > 0) this.log.sync();
    this.#schedule(GATHER_MS);
  }

  /** Resolves once everything recorded so far is in the database; rejects when it cannot be written at present. */
  async flush(): Promise<void> {
    const recorded = this.#queue.pushed;
    while (this.#queue.written < recorded) await this.#write();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#flushForGood();
  }

  // Calls that were cut off by the closing of the port are settled only after the first of the two.
  async onApplicationShutdown(): Promise<void> {
    await this.#flushForGood();
    this.#cancelTimer?.();
    this.log.close();
  }

  #isAway(): boolean {
    return this.#failures >= FAILURES_UNTIL_AWAY || this.#isHanging();
  }

  #isHanging(): boolean {
    return this.#writing !== null && this.clock.monotonic() - this.#writingSince >= SLOWEST_WRITE_MS;
  }

  // Null when the disk does not take it.
  #append(entry: LedgerEntry): Segment | null {
    try {
      const segment = this.log.append(toLine(entry));
      if (this.#isDiskFailing) this.#logger.warn('The write-ahead file of the ledger can be written again.');
      this.#isDiskFailing = false;
      return segment;
    } catch (error) {
      if (!this.#isDiskFailing) {
        this.#logger.error(
          `The write-ahead file of the ledger cannot be written: ${describe(error)}. New requests are refused; what those ` +
            'under way cost is kept in memory alone until the database has it. Make room under TRUNKLINE_DATA_DIR.',
        );
      }
      this.#isDiskFailing = true;
      return null;
    }
  }

  #forget(id: string): void {
    const opening = this.#openings.get(id);
    if (!opening) return;
    this.#openings.delete(id);
    this.log.release(opening.segment);
  }

  async #flushForGood(): Promise<void> {
    for (let tries = 1; !this.#queue.isEmpty; tries += 1) {
      const { written } = this.#queue;
      try {
        await within(this.flush(), SLOWEST_WRITE_MS, this.clock);
      } catch (error) {
        // A long queue may take longer than one try.
        if (this.#queue.written > written) tries = 0;
        if (tries < SHUTDOWN_TRIES && !this.#isHanging()) await this.clock.sleep(FIRST_RETRY_MS);
        else {
          this.#logger.error(
            `What requests cost could not be written to the database: ${describe(error)}. It is kept in the data ` +
              'directory, and the next start with the same directory writes it.',
          );
          return;
        }
      }
    }
  }

  #write(): Promise<void> {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#writing ??= this.#writeAll();
    return this.#writing;
  }

  async #writeAll(): Promise<void> {
    this.#writingSince = this.clock.monotonic();
    try {
      if (this.#failures > 0) await this.#answer(this.store.ping());
      await this.#writeOpenings();
      await this.#writeSettlements();
      if (this.#failures >= FAILURES_UNTIL_AWAY) this.#logger.log('The ledger is written again.');
      this.#failures = 0;
    } catch (error) {
      this.#failures += 1;
      this.log.sync();
      if (this.#failures === 1) this.#logger.warn(`The ledger cannot be written, trying again: ${describe(error)}`);
      throw error;
    } finally {
      this.#writing = null;
      this.#writingSince = Infinity;
      if (this.#failures > 0) this.#schedule(retryMs(this.#failures));
      else if (!this.#queue.isEmpty || this.#openings.size > 0) this.#schedule(GATHER_MS);
    }
  }

  // Most requests are over before their turn comes, and never need a row that says they are not.
  async #writeOpenings(): Promise<void> {
    const bornBefore = this.clock.monotonic() - GATHER_MS;
    const due: [string, Opening][] = [];
    for (const item of this.#openings) {
      if (item[1].at > bornBefore) break;
      due.push(item);
    }
    for (let start = 0; start < due.length; start += BATCH_ENTRIES) {
      const batch = due.slice(start, start + BATCH_ENTRIES);
      await writeEntries(
        batch.map(([, { entry }]) => entry),
        (entries) => this.#answer(this.store.open(entries)),
        // Its end is refused likewise, and told then.
        () => undefined,
      );
      for (const [id, opening] of batch) if (this.#openings.get(id) === opening) this.#forget(id);
      this.#writingSince = this.clock.monotonic();
    }
  }

  // What comes in meanwhile gathers for the next time.
  async #writeSettlements(): Promise<void> {
    const recorded = this.#queue.pushed;
    while (this.#queue.written < recorded) {
      const batch = await this.#queue.peek(BATCH_ENTRIES);
      if (!batch) return;
      await writeEntries(
        batch.entries,
        (entries) => this.#answer(this.store.settle(entries, this.log.instanceId)),
        (entry, error) => {
          this.deadLetters.add(entry, error);
        },
      );
      batch.done();
      this.#gotOnAt = this.#writingSince = this.clock.monotonic();
    }
  }

  #answer(work: Promise<void>): Promise<void> {
    return within(work, LOST_WRITE_MS, this.clock);
  }

  #schedule(ms: number): void {
    if (this.#cancelTimer || this.#writing) return;
    this.#cancelTimer = this.clock.schedule(() => {
      // The failure was logged, and the next try is scheduled.
      this.#write().catch(() => undefined);
    }, ms);
  }
}

function unavailable(message: string): AppError {
  return new AppError('dependency_unavailable', message, { retryAfterMs: 1_000 });
}

function retryMs(failures: number): number {
  return Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LONGEST_RETRY_MS);
}
