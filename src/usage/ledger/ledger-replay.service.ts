import { open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { DatabaseConfig } from '../../config/database-config.js';
import { tokenUsage } from '../../core/chat/token-usage.js';
import { PriceBook } from '../pricing/price-book.js';
import { DeadLetters } from './dead-letters.js';
import { type LedgerEntry, parseLine, type ReadEntry } from './ledger-entry.js';
import { LedgerStore } from './ledger-store.js';
import { isOwnerRunning } from './log-owner.js';
import { isMissing, readLines } from './read-segment.js';
import { LEDGER_FOLDER, parseSegmentName } from './segment-name.js';
import { toAbandonedEntry } from './to-abandoned.js';
import { writeEntries } from './write-entries.js';

const BATCH_ENTRIES = 200;
const OWNER_LINE_BYTES = 1_024;

/** What a process left in the data directory, and whether it runs; null when that cannot be told from here. */
export interface LeftLog {
  readonly instanceId: string;
  /** In the order they were written. */
  readonly paths: readonly string[];
  readonly isRunning: boolean | null;
}

/** Settles what dead processes left: in write-ahead files of this data directory, and under way in the database. */
@Injectable()
export class LedgerReplay {
  readonly #directory: string;

  constructor(
    config: DatabaseConfig,
    private readonly store: LedgerStore,
    private readonly prices: PriceBook,
    private readonly deadLetters: DeadLetters,
  ) {
    this.#directory = join(config.dataDir, LEDGER_FOLDER);
  }

  /** The write-ahead files of the data directory by the process that wrote them. */
  async leftLogs(): Promise<LeftLog[]> {
    const names = await readdir(this.#directory).catch(() => []);
    const segments = names.flatMap((name) => {
      const parsed = parseSegmentName(name);
      return parsed ? [{ ...parsed, path: join(this.#directory, name) }] : [];
    });
    const groups = Map.groupBy(segments, ({ instanceId }) => instanceId);
    return Promise.all(
      [...groups].map(async ([instanceId, own]) => {
        const paths = own.sort((left, right) => left.sequence - right.sequence).map(({ path }) => path);
        return { instanceId, paths, isRunning: await isRunning(paths) };
      }),
    );
  }

  /**
   * Writes what the files of a dead process hold, in order, and what they show to be under way as abandoned; then removes
   * them and resolves to how many those were. Two may do this at once: what is final stays as it is. Rejects when the
   * database is away, and nothing is lost.
   */
  async replay({ instanceId, paths }: LeftLog): Promise<number> {
    const openings = new Map<string, LedgerEntry>();
    for (const path of paths) {
      for await (const entries of entriesOf(path)) {
        for (const entry of entries) {
          if (entry.isOpening) openings.set(entry.id, entry);
          else openings.delete(entry.id);
        }
        await this.#settle(
          entries.filter(({ isOpening }) => !isOpening),
          instanceId,
        );
      }
    }
    await this.#abandon([...openings.values()], instanceId);
    for (const path of paths) await rm(path, { force: true });
    return openings.size;
  }

  /**
   * Settles what a dead process left under way in the database as abandoned, gives back what it holds of budgets, and
   * resolves to how many requests those were.
   */
  async abandon(instanceId: string): Promise<number> {
    let abandoned = 0;
    for (;;) {
      const open = await this.store.readOpen(instanceId, BATCH_ENTRIES);
      if (open.length === 0) break;
      const refused = await this.#abandon(open, instanceId);
      abandoned += open.length;
      // They would be read again for ever.
      if (refused > 0) break;
    }
    await this.store.forget(instanceId);
    return abandoned;
  }

  async #abandon(openings: readonly LedgerEntry[], instanceId: string): Promise<number> {
    return this.#settle(
      openings.map((opening) =>
        toAbandonedEntry(opening, (provider, model, input) =>
          this.prices.costOf(provider, model, tokenUsage({ input, estimated: true })),
        ),
      ),
      instanceId,
    );
  }

  async #settle(entries: readonly LedgerEntry[], instanceId: string): Promise<number> {
    let refused = 0;
    for (let start = 0; start < entries.length; start += BATCH_ENTRIES) {
      await writeEntries(
        entries.slice(start, start + BATCH_ENTRIES),
        (batch) => this.store.settle(batch, instanceId),
        (entry, error) => {
          refused += 1;
          this.deadLetters.add(entry, error);
        },
      );
    }
    return refused;
  }
}

async function* entriesOf(path: string): AsyncGenerator<ReadEntry[]> {
  for (let offset = 0; ;) {
    // Another process that shares the directory may have been faster.
    const lines = await readLines(path, offset).catch(ignoreMissing);
    const last = lines.at(-1);
    if (!last) return;
    yield lines.map(({ text }) => parseLine(text)).filter((entry) => entry !== null);
    offset = last.endsAt;
  }
}

async function isRunning(paths: readonly string[]): Promise<boolean | null> {
  const [first] = paths;
  if (first === undefined) return null;
  try {
    const file = await open(first, 'r');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(OWNER_LINE_BYTES), 0, OWNER_LINE_BYTES, 0);
      return isOwnerRunning(buffer.toString('utf8', 0, bytesRead).split('\n', 1)[0] ?? '');
    } finally {
      await file.close();
    }
  } catch {
    return null;
  }
}

function ignoreMissing(error: unknown): [] {
  if (isMissing(error)) return [];
  throw error;
}
