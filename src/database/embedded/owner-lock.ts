import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { isJsonObject } from '../../core/json.js';
import { DatabaseStartError } from '../database-start-error.js';
import { isRunning, processStart } from './process-identity.js';

/** What the lock file says about the process that holds it. */
export interface LockRecord {
  readonly pid: number;
  readonly host: string;
  /** See `processStart`. */
  readonly start: string | null;
  /** The directory of the owner's Unix socket. */
  readonly socketDirectory: string;
}

/** How often a living owner touches its file. */
const BEAT_MS = 5_000;
/** A file this old was left behind, where the process itself cannot be asked (another container on the same volume). */
const STALE_MS = 20_000;
/** Between making the file and writing it an owner needs far less. */
const WRITING_MS = 2_000;

/** The claim of one process on one data directory: a file that only one can make, naming its owner and its socket. */
export class OwnerLock {
  readonly #path: string;
  readonly #content: string;
  readonly #beat: NodeJS.Timeout;

  private constructor(path: string, content: string) {
    this.#path = path;
    this.#content = content;
    this.#beat = setInterval(() => {
      this.#touch();
    }, BEAT_MS).unref();
  }

  /**
   * Claims the directory of `path`; a claim whose process is gone is taken over, and `onTakeOver` is told what it said.
   * Throws DatabaseStartError `owned-elsewhere` when a living process holds it.
   */
  static acquire(path: string, socketDirectory: string, onTakeOver?: (record: LockRecord) => void): OwnerLock {
    const record: LockRecord = {
      pid: process.pid,
      host: hostname(),
      start: processStart(process.pid),
      socketDirectory,
    };
    const content = JSON.stringify(record);
    mkdirSync(dirname(path), { recursive: true });
    for (;;) {
      try {
        writeFileSync(path, content, { flag: 'wx', mode: 0o600 });
        return new OwnerLock(path, content);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const held = readHeld(path);
      if (!held) continue;
      if (isAlive(held)) throw ownedElsewhere(path, held.record);
      if (removeStale(path, held.content) && held.record) onTakeOver?.(held.record);
    }
  }

  /** Gives the directory free; a claim that somebody took over meanwhile stays theirs. */
  release(): void {
    clearInterval(this.#beat);
    try {
      if (readFileSync(this.#path, 'utf8') === this.#content) rmSync(this.#path);
    } catch {
      // It is gone already, which is what was wanted.
    }
  }

  #touch(): void {
    try {
      const now = new Date();
      utimesSync(this.#path, now, now);
    } catch {
      // Only another container's start looks at the time; a full or read-only disk shows itself elsewhere.
    }
  }
}

/** The living owner of the data directory that `path` locks, or null when nobody has it. */
export function findOwner(path: string): LockRecord | null {
  const held = readHeld(path);
  return held && isAlive(held) ? held.record : null;
}

interface Held {
  content: string;
  /** Null while the file is being written, or when something else wrote it. */
  record: LockRecord | null;
  ageMs: number;
}

function readHeld(path: string): Held | null {
  try {
    const content = readFileSync(path, 'utf8');
    return { content, record: parseRecord(content), ageMs: Date.now() - statSync(path).mtimeMs };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function parseRecord(content: string): LockRecord | null {
  try {
    const value: unknown = JSON.parse(content);
    if (!isJsonObject(value)) return null;
    const { pid, host, start, socketDirectory } = value;
    if (typeof pid !== 'number' || typeof host !== 'string' || typeof socketDirectory !== 'string') return null;
    return { pid, host, start: typeof start === 'string' ? start : null, socketDirectory };
  } catch {
    return null;
  }
}

function isAlive({ record, ageMs }: Held): boolean {
  if (!record) return ageMs < WRITING_MS;
  if (record.host !== hostname()) return ageMs < STALE_MS;
  if (!isRunning(record.pid)) return false;
  const start = processStart(record.pid);
  return start === null || record.start === null || start === record.start;
}

/** Two that start at once may both find it stale: moving it away tells who removed what, and a fresh claim is put back. */
function removeStale(path: string, content: string): boolean {
  const aside = `${path}.${String(process.pid)}`;
  try {
    renameSync(path, aside);
  } catch {
    return false;
  }
  if (readFileSync(aside, 'utf8') === content) {
    rmSync(aside);
    return true;
  }
  renameSync(aside, path);
  return false;
}

function ownedElsewhere(path: string, record: LockRecord | null): DatabaseStartError {
  const owner = record ? `process ${String(record.pid)} on ${record.host}` : 'another process';
  return new DatabaseStartError(
    'owned-elsewhere',
    `The data directory ${dirname(path)} is in use by ${owner}, and the embedded database takes one process. ` +
      'Stop that process, or set TRUNKLINE_DATA_DIR to another directory, or set DATABASE_URL to a PostgreSQL server.',
  );
}
