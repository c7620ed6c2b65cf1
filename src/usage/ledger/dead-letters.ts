import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Injectable, Logger } from '@nestjs/common';
import { DatabaseConfig } from '../../config/database-config.js';
import { type LedgerEntry, toLine } from './ledger-entry.js';
import { LEDGER_FOLDER, REJECTED_FILE } from './segment-name.js';
import { describe } from './write-entries.js';

/** Entries that the database will never take, in a file for the operator: none is thrown away without a trace. */
@Injectable()
export class DeadLetters {
  readonly #logger = new Logger(DeadLetters.name);
  readonly #directory: string;

  constructor(config: DatabaseConfig) {
    this.#directory = join(config.dataDir, LEDGER_FOLDER);
  }

  /** Keeps the entry and says so; never fails. */
  add(entry: LedgerEntry, reason: unknown): void {
    const where = join(LEDGER_FOLDER, REJECTED_FILE);
    try {
      mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
      appendFileSync(join(this.#directory, REJECTED_FILE), toLine(entry), { mode: 0o600 });
      this.#logger.error(
        `The ledger refused the record ${entry.id}: ${describe(reason)}. It is kept in ${where} of the data directory.`,
      );
    } catch (error) {
      this.#logger.error(
        `The ledger refused a record: ${describe(reason)}. It cannot be kept in ${where} either (${describe(error)}): ` +
          toLine(entry).trim(),
      );
    }
  }
}
