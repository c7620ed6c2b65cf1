import { DatabaseStartError } from '../database-start-error.js';

// The database's own system calls fail with WASI's numbers and no text.
const WASI_REASONS: ReadonlyMap<number, string> = new Map([
  [2, 'permission denied'],
  [51, 'no space left on the device'],
  [63, 'operation not permitted'],
  [69, 'read-only file system'],
]);

/** Why the data directory itself cannot be used, from what a system call on it threw. */
export function unusableDataDir(dataDir: string, cause: unknown): Error {
  if (cause instanceof DatabaseStartError) return cause;
  return new DatabaseStartError(
    'unusable-data-dir',
    `The data directory ${dataDir} cannot be used: ${describe(cause)}. ` +
      'It must be a directory that this process may write to. Mend that, or set TRUNKLINE_DATA_DIR to another one.',
    { cause },
  );
}

/** Why the files of the embedded database cannot be opened, from what its thread threw. */
export function embeddedFailed(filesDirectory: string, cause: unknown): Error {
  if (cause instanceof DatabaseStartError) return cause;
  return new DatabaseStartError(
    'embedded-failed',
    `The embedded database cannot open its files in ${filesDirectory}: ${describe(cause)}. ` +
      'Look whether the disk is full, and whether the files are whole and were made by this version; ' +
      'else bring back a copy of the data directory, or set TRUNKLINE_DATA_DIR to a new one.',
    { cause },
  );
}

function describe(cause: unknown): string {
  if (cause instanceof Error) return cause.message;
  if (typeof cause === 'object' && cause !== null && 'errno' in cause && typeof cause.errno === 'number') {
    return WASI_REASONS.get(cause.errno) ?? `system error ${String(cause.errno)}`;
  }
  return String(cause);
}
