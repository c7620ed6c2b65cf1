import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { Logger } from '@nestjs/common';
import { DatabaseStartError } from '../database-start-error.js';
import { assertSameMajor } from './files-version.js';
import { findOwner, OwnerLock } from './owner-lock.js';
import { filesIn, finishReplacement, lockPath, NO_SOCKET } from './replace-files.js';
import { embeddedFailed, unusableDataDir } from './start-failure.js';

const SOCKET_PREFIX = 'trunkline-';
const SOCKET_NAME = '.s.PGSQL.5432';
const IDLE_TRANSACTION_MS = 60_000;
const RESTART_MS = 1_000;
// Run as TypeScript (tests) and compiled: the thread is a file of its own either way.
const WORKER = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './embedded-worker.ts' : './embedded-worker.js', import.meta.url),
);

/** The URL of a running embedded database, for this process and for others of the same user. */
export function embeddedUrl(socketDirectory: string): string {
  return `postgresql://postgres@localhost/postgres?host=${encodeURIComponent(socketDirectory)}`;
}

/**
 * Who runs the embedded database of a data directory now, and where it can be reached; null when nobody does. Throws
 * DatabaseStartError when somebody has it whom nobody can reach, because he replaces its files.
 */
export function findEmbeddedOwner(dataDir: string): { pid: number; url: string } | null {
  const owner = findOwner(lockPath(dataDir));
  if (!owner) return null;
  const { pid, socketDirectory } = owner;
  if (socketDirectory !== NO_SOCKET) return { pid, url: embeddedUrl(socketDirectory) };
  throw new DatabaseStartError(
    'owned-elsewhere',
    `The files of the database in ${dataDir} are being replaced by process ${String(pid)}. Wait until that is done.`,
  );
}

/** PostgreSQL inside this process, its files under one data directory that it owns alone. */
export class EmbeddedDatabase {
  readonly url: string;
  readonly #logger = new Logger('EmbeddedDatabase');
  readonly #dataDir: string;
  readonly #socketDirectory: string;
  readonly #lock: OwnerLock;
  #worker: Worker | null = null;
  #isClosing = false;

  private constructor(dataDir: string, socketDirectory: string, lock: OwnerLock) {
    this.#dataDir = dataDir;
    this.#socketDirectory = socketDirectory;
    this.#lock = lock;
    this.url = embeddedUrl(socketDirectory);
  }

  /**
   * Resolves when connections are taken. Throws DatabaseStartError when another process owns the directory, or it or the
   * files in it cannot be used.
   */
  static async start(dataDir: string): Promise<EmbeddedDatabase> {
    // A Unix socket's path has room for 107 bytes, so it cannot lie under a data directory of any length.
    const socketDirectory = mkdtempSync(join(tmpdir(), SOCKET_PREFIX));
    let lock: OwnerLock | undefined;
    try {
      lock = claim(dataDir, socketDirectory);
      finishReplacement(dataDir);
      assertSameMajor(filesIn(dataDir));
      const database = new EmbeddedDatabase(dataDir, socketDirectory, lock);
      await database.#startWorker();
      return database;
    } catch (error) {
      lock?.release();
      removeSocketDirectory(socketDirectory);
      throw lock ? embeddedFailed(filesIn(dataDir), error) : error;
    }
  }

  /** Writes everything down and gives the data directory free; connections that are still open are cut. */
  async close(): Promise<void> {
    this.#isClosing = true;
    const worker = this.#worker;
    if (worker) {
      const exited = once(worker, 'exit');
      worker.postMessage('close');
      await exited;
    }
    removeSocketDirectory(this.#socketDirectory);
    this.#lock.release();
  }

  async #startWorker(): Promise<void> {
    const worker = new Worker(WORKER, {
      execArgv: [],
      workerData: {
        dataDirectory: filesIn(this.#dataDir),
        socketPath: join(this.#socketDirectory, SOCKET_NAME),
        idleTransactionMs: IDLE_TRANSACTION_MS,
      },
    });
    await untilReady(worker);
    this.#worker = worker;
    worker.on('error', (error: unknown) => {
      this.#logger.error(`The embedded database failed: ${String(error)}`);
    });
    worker.once('exit', () => {
      this.#worker = null;
      if (!this.#isClosing) this.#restart();
    });
  }

  /** A thread that died lost no committed row: PostgreSQL replays its log when the next one opens the files. */
  #restart(): void {
    setTimeout(() => {
      if (this.#isClosing) return;
      this.#startWorker().then(
        () => {
          this.#logger.warn('The embedded database was started again.');
        },
        (error: unknown) => {
          this.#logger.error(`The embedded database cannot be started again: ${String(error)}`);
          this.#restart();
        },
      );
    }, RESTART_MS).unref();
  }
}

function claim(dataDir: string, socketDirectory: string): OwnerLock {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    return OwnerLock.acquire(lockPath(dataDir), socketDirectory, (record) => {
      removeSocketDirectory(record.socketDirectory);
    });
  } catch (error) {
    throw unusableDataDir(dataDir, error);
  }
}

// A thread that ends without an error, as a failed `exit` of the database makes it, would else be waited for for ever.
async function untilReady(worker: Worker): Promise<void> {
  const settled = new AbortController();
  const { signal } = settled;
  try {
    await Promise.race([
      once(worker, 'message', { signal }),
      once(worker, 'exit', { signal }).then(() => {
        throw new Error('its thread ended');
      }),
    ]);
  } finally {
    settled.abort();
  }
}

/** Removes only what a start of this kind made: the path comes from a file that anybody may have edited. */
function removeSocketDirectory(path: string): void {
  if (basename(path).startsWith(SOCKET_PREFIX) && join(tmpdir(), basename(path)) === path) {
    rmSync(path, { recursive: true, force: true });
  }
}
