import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { DataSource, type QueryRunner } from 'typeorm';
import { Clock } from '../../core/clock.js';
import { setBounded } from '../../core/set-bounded.js';
import { DatabaseConnection } from '../../database/database-connection.js';
import {
  dropIndex,
  findUnusedIndexes,
  isServerAble,
  lockIndex,
  stateOfIndex,
  unlockIndex,
} from '../store/vector-index-state.js';
import { createIndexSql, indexOf, type VectorIndex, type VectorSpace } from '../store/vector-index.js';

/** How long an index that is missing is taken to be so. */
const RECHECK_MS = 30_000;
const MAX_REMEMBERED = 1_000;
const BUILD_MEMORY = '256MB';

interface Finding {
  readonly isReady: boolean;
  readonly at: number;
}

/**
 * The HNSW indexes of large collections, on a PostgreSQL server: one for each collection and generation of vectors. One
 * that is missing is built in the background, by one process at a time, while searches compare all vectors.
 */
@Injectable()
export class VectorIndexes implements BeforeApplicationShutdown {
  readonly #logger = new Logger('Retrieval');
  readonly #findings = new Map<string, Finding>();
  #building: Promise<void> | null = null;
  #buildingProcess: number | null = null;
  #isStopping = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly connection: DatabaseConnection,
    private readonly clock: Clock,
  ) {}

  /** The index on these vectors when it can be used; null while it cannot, and then it may be begun. */
  async find(space: VectorSpace): Promise<VectorIndex | null> {
    const index = this.connection.isEmbedded ? null : indexOf(space);
    if (!index) return null;
    const known = this.#findings.get(index.name);
    const isFresh = known && (known.isReady || this.clock.monotonic() - known.at < RECHECK_MS);
    const isReady = isFresh ? known.isReady : await this.#look(index);
    if (!isReady && !isFresh) this.#begin(index);
    return isReady ? index : null;
  }

  /** Resolves when nothing is being built any more. */
  async settled(): Promise<void> {
    await this.#building;
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#isStopping = true;
    // What was begun is left invalid, and the next build clears it away.
    if (this.#buildingProcess !== null) {
      await this.dataSource.query('select pg_cancel_backend($1)', [this.#buildingProcess]).catch(() => undefined);
    }
    await this.#building;
  }

  async #look({ name }: VectorIndex): Promise<boolean> {
    const isReady = (await stateOfIndex(this.dataSource, name)) === 'ready';
    setBounded(this.#findings, name, { isReady, at: this.clock.monotonic() }, MAX_REMEMBERED);
    return isReady;
  }

  #begin(index: VectorIndex): void {
    if (this.#building || this.#isStopping) return;
    this.#building = this.#build(index)
      .catch((error: unknown) => {
        if (!this.#isStopping) this.#logger.warn(`The index ${index.name} could not be built: ${String(error)}`);
      })
      .finally(() => {
        this.#building = null;
        this.#findings.delete(index.name);
      });
  }

  async #build(index: VectorIndex): Promise<void> {
    const runner = this.dataSource.createQueryRunner();
    try {
      if (!(await isServerAble(runner)) || !(await lockIndex(runner, index.name))) return;
      try {
        await this.#buildLocked(runner, index);
      } finally {
        await unlockIndex(runner, index.name);
      }
    } finally {
      this.#buildingProcess = null;
      await runner.release();
    }
  }

  async #buildLocked(runner: QueryRunner, index: VectorIndex): Promise<void> {
    const state = await stateOfIndex(runner, index.name);
    if (state === 'ready') return;
    const rows = (await runner.query('select pg_backend_pid() as pid')) as { pid: number }[];
    this.#buildingProcess = rows[0]?.pid ?? null;
    await runner.query(`set statement_timeout = 0`);
    await runner.query(`set maintenance_work_mem = '${BUILD_MEMORY}'`);
    try {
      // Left behind by a build that was cut off.
      if (state === 'broken') await dropIndex(runner, index.name);
      await runner.query(createIndexSql(index));
      for (const name of await findUnusedIndexes(runner)) await dropIndex(runner, name);
    } finally {
      await runner.query('reset statement_timeout').catch(() => undefined);
      await runner.query('reset maintenance_work_mem').catch(() => undefined);
    }
    this.#logger.log(`Built the index ${index.name}.`);
  }
}
