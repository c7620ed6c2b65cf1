import { AppError } from '../../core/errors/app-error.js';
import { codeOfFailure, isConflict } from '../../database/statement-failure.js';
import type { LedgerEntry } from './ledger-entry.js';

/** The first and three more. */
const CONFLICT_TRIES = 4;

/**
 * Writes a batch whole. One entry that the database will never take must not hold up the others: then each is written alone,
 * and `refuse` is told of it. Rejects when the database is away; trying again is safe.
 */
export async function writeEntries(
  batch: readonly LedgerEntry[],
  write: (entries: readonly LedgerEntry[]) => Promise<void>,
  refuse: (entry: LedgerEntry, error: unknown) => void,
): Promise<void> {
  try {
    await writeOnce(() => write(batch));
  } catch (error) {
    if (isAway(error)) throw error;
    const [only, ...others] = batch;
    if (only && others.length === 0) refuse(only, error);
    else for (const entry of batch) await writeEntries([entry], write, refuse);
  }
}

/** What went wrong, for the log. */
export function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function writeOnce(write: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await write();
      return;
    } catch (error) {
      if (tries >= CONFLICT_TRIES || !isConflict(error)) throw error;
    }
  }
}

// Whatever the database itself answered about a row (bad value, broken rule, too large) is final; a conflict that lasted,
// like all else, is not.
function isAway(error: unknown): boolean {
  return error instanceof AppError || isConflict(error) || !/^(?:22|23|54)/.test(codeOfFailure(error));
}
