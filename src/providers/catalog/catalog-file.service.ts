import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { CatalogConfig } from '../../config/catalog-config.js';
import { Clock } from '../../core/clock.js';
import { ModelCatalog } from './model-catalog.js';
import { MOST_CATALOG_BYTES, type ReadCatalog, readCatalog } from './read-catalog.js';

/** Where the catalogue in use comes from; `last-good` is the copy of a file that is no longer right. */
export type CatalogSource = 'built-in' | 'file' | 'last-good';

export interface CatalogStatus {
  readonly source: CatalogSource;
  /** When it was taken; null for the built-in one. */
  readonly loadedAt: Date | null;
  /** What is wrong with the file as it is now; empty when nothing is. */
  readonly problems: readonly string[];
}

const LOOK_EVERY_MS = 5_000;
const ABSENT = 'absent';

/**
 * Keeps the model catalogue as the operator's file says: read at the start and whenever it changes, checked as a whole, and
 * put in use at once. A file that is wrong changes nothing and is reported; without one the built-in catalogue serves.
 */
@Injectable()
export class CatalogFile implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly catalog = new ModelCatalog();
  readonly #logger = new Logger(CatalogFile.name);
  #status: CatalogStatus = { source: 'built-in', loadedAt: null, problems: [] };
  /** Tells one state of the file from another. */
  #seen = ABSENT;
  #cancel: (() => void) | null = null;

  constructor(
    private readonly config: CatalogConfig,
    private readonly clock: Clock,
  ) {
    this.#seen = this.#look();
    if (this.#seen !== ABSENT || config.isNamed) this.reload();
    if (this.#status.problems.length > 0) this.#useCopy();
  }

  get status(): CatalogStatus {
    return this.#status;
  }

  onApplicationBootstrap(): void {
    this.#cancel = this.clock.schedule(() => {
      const seen = this.#look();
      if (seen !== this.#seen) this.reload();
      this.onApplicationBootstrap();
    }, LOOK_EVERY_MS);
  }

  onApplicationShutdown(): void {
    this.#cancel?.();
  }

  /** What is wrong with the file now; nothing changes. */
  check(): readonly string[] {
    return this.#read().read.problems;
  }

  /** Reads the file now; the catalogue in use stays when the file is missing or wrong. */
  reload(): CatalogStatus {
    this.#seen = this.#look();
    const { text, read } = this.#read();
    if (read.entries === null) {
      this.#status = { ...this.#status, problems: read.problems };
      this.#logger.error(`The catalogue ${this.config.file} is not taken: ${read.problems.slice(0, 5).join('; ')}`);
      return this.#status;
    }
    this.catalog.replace(read.entries);
    this.#status = { source: 'file', loadedAt: new Date(this.clock.now()), problems: [] };
    this.#logger.log(`The catalogue ${this.config.file} is in use: ${String(read.entries.length)} models.`);
    this.#keep(text);
    return this.#status;
  }

  #read(): { text: string; read: ReadCatalog } {
    try {
      if (statSync(this.config.file).size > MOST_CATALOG_BYTES) {
        return {
          text: '',
          read: { entries: null, problems: [`it has more than ${String(MOST_CATALOG_BYTES)} bytes`] },
        };
      }
      const text = readFileSync(this.config.file, 'utf8');
      return { text, read: readCatalog(text) };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const problem = code === 'ENOENT' ? 'the file is not there' : `the file cannot be read (${code ?? 'unknown'})`;
      return { text: '', read: { entries: null, problems: [problem] } };
    }
  }

  // The start must not fail for a file that was right yesterday.
  #useCopy(): void {
    try {
      const { entries } = readCatalog(readFileSync(this.config.copy, 'utf8'));
      if (entries === null) return;
      this.catalog.replace(entries);
      this.#status = { ...this.#status, source: 'last-good', loadedAt: statSync(this.config.copy).mtime };
    } catch {
      // There is none.
    }
  }

  // Renamed into place, so that there is never half a copy.
  #keep(text: string): void {
    try {
      mkdirSync(dirname(this.config.copy), { recursive: true });
      const temporary = `${this.config.copy}.${String(process.pid)}`;
      writeFileSync(temporary, text);
      renameSync(temporary, this.config.copy);
    } catch (error) {
      this.#logger.warn(`The catalogue in use could not be kept as ${this.config.copy}: ${String(error)}`);
    }
  }

  #look(): string {
    try {
      const { mtimeMs, size, ino } = statSync(this.config.file);
      return `${String(mtimeMs)}:${String(size)}:${String(ino)}`;
    } catch {
      return ABSENT;
    }
  }
}
