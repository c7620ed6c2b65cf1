import { Logger } from '@nestjs/common';
import { type LedgerEntry, parseLine } from './ledger-entry.js';
import { isMissing, readLines, type SegmentLine } from './read-segment.js';
import type { Segment, WriteAheadLog } from './write-ahead-log.js';

/** Some ten megabytes. What comes on top while the database is away or slow waits in the file alone. */
const MOST_IN_MEMORY = 5_000;

interface Position {
  readonly segment: Segment;
  readonly offset: number;
}

interface Waiting {
  readonly entry: LedgerEntry;
  /** The segment that is kept for it; null when nothing of it is in the log. */
  readonly segment: Segment | null;
}

/** The next entries to be written, and what to do once they are. */
export interface SettlementBatch {
  readonly entries: readonly LedgerEntry[];
  done(): void;
}

/** How requests ended, in order, until the database has it: the first few thousand in memory, the rest in the log. */
export class SettlementQueue {
  readonly #logger = new Logger(SettlementQueue.name);
  readonly #log: WriteAheadLog;
  readonly #waiting: Waiting[] = [];
  /** From here on, what ended stands in the log and nowhere else; null when all of it is in memory. */
  #spill: Position | null = null;
  #pushed = 0;
  #written = 0;

  constructor(log: WriteAheadLog) {
    this.#log = log;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0 && this.#spill === null;
  }

  /** How many entries came in so far. */
  get pushed(): number {
    return this.#pushed;
  }

  /** How many of them have left again. */
  get written(): number {
    return this.#written;
  }

  /** Takes an entry that was appended to `segment` when the log ended at `position`. */
  push(entry: LedgerEntry, segment: Segment, position: Position | null): void {
    this.#pushed += 1;
    if (this.#spill) return;
    if (this.#waiting.length < MOST_IN_MEMORY) this.#waiting.push({ entry, segment });
    // It may have begun the next segment.
    else this.#spill = position?.segment === segment ? position : { segment, offset: 0 };
  }

  /** Takes an entry that the log could not take; `opening` is the segment in which its request began. */
  keep(entry: LedgerEntry, opening: Segment | null): void {
    this.#pushed += 1;
    this.#waiting.push({ entry, segment: opening });
  }

  /** The oldest entries; null when there are none. Rejects when the log cannot be read. */
  async peek(most: number): Promise<SettlementBatch | null> {
    for (;;) {
      if (this.#waiting.length > 0) return this.#peekMemory(most);
      if (!this.#spill) break;
      const batch = await this.#peekLog(this.#spill, most);
      if (batch) return batch;
    }
    this.#written = this.#pushed;
    return null;
  }

  #peekMemory(most: number): SettlementBatch {
    const batch = this.#waiting.slice(0, most);
    return {
      entries: batch.map(({ entry }) => entry),
      done: () => {
        this.#waiting.splice(0, batch.length);
        this.#written += batch.length;
        for (const { segment } of batch) if (segment) this.#log.release(segment);
      },
    };
  }

  // Null when there was none among the lines that were read; the next are read then.
  async #peekLog({ segment, offset }: Position, most: number): Promise<SettlementBatch | null> {
    const { bytes } = segment;
    const lines = await this.#read(segment, offset);
    const entries: LedgerEntry[] = [];
    let endsAt = lines.length > 0 ? offset : bytes;
    for (const line of lines) {
      if (entries.length === most) break;
      const entry = parseLine(line.text);
      if (entry && !entry.isOpening) entries.push(entry);
      endsAt = line.endsAt;
    }
    if (entries.length === 0) {
      this.#readOn(segment, endsAt);
      return null;
    }
    return {
      entries,
      done: () => {
        this.#readOn(segment, endsAt);
        this.#written += entries.length;
        this.#log.release(segment, entries.length);
      },
    };
  }

  async #read({ path }: Segment, offset: number): Promise<SegmentLine[]> {
    try {
      return await readLines(path, offset);
    } catch (error) {
      if (!isMissing(error)) throw error;
      this.#logger.error(`Somebody removed ${path}: what the requests cost that were written there is lost.`);
      return [];
    }
  }

  // At the end of the log everything is in memory again.
  #readOn(segment: Segment, offset: number): void {
    const next = offset >= segment.bytes ? this.#log.after(segment) : segment;
    this.#spill = next && { segment: next, offset: next === segment ? offset : 0 };
  }
}
