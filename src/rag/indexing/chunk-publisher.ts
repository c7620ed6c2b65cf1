import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../../core/clock.js';
import { DEFAULT_AVERAGE_LENGTH } from '../lexical/bm25.js';
import { analyseChunks, insertChunks, type ChunkDraft, type ChunkRow, type VersionKey } from '../store/chunk-rows.js';
import { findIncomplete } from '../store/find-incomplete.js';
import { lockVersions, publishVersions, type PublishOutcome, type VersionWrite } from '../store/publish-versions.js';

/** A version whose last chunks are ready. */
export interface Publication {
  version: VersionWrite;
  /** Chunks that are not stored yet. */
  drafts: readonly ChunkDraft[];
  /** How many chunks the version has in all. */
  chunkCount: number;
}

interface Waiting extends Publication {
  resolve(outcome: PublishOutcome): void;
  reject(error: unknown): void;
}

const MAX_GROUP_CHUNKS = 128;
// How long the first of a group waits for others. Nobody notices, and bulk indexing gets a third faster.
const GATHER_MS = 25;

/**
 * Writes chunks and makes versions visible. Versions that are ready at the same time share a transaction: many small
 * documents cost a few statements together instead of a dozen each.
 */
@Injectable()
export class ChunkPublisher {
  readonly #waiting: Waiting[] = [];
  #isDraining = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  /** Resolves when the version is visible, or with why it will not be; rejects when not all of its chunks are there. */
  publish(publication: Publication): Promise<PublishOutcome> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ...publication, resolve, reject });
      void this.#drain();
    });
  }

  /** Stores chunks ahead of publication; nothing sees them until then. Resolves to why it did not when it did not. */
  async stage(version: VersionWrite, drafts: readonly ChunkDraft[]): Promise<PublishOutcome> {
    const rows = await analyseChunks(this.dataSource, drafts);
    return this.dataSource.transaction(async (manager) => {
      const { outcomes } = await lockVersions(manager, [version]);
      const outcome = outcomes[0] ?? 'gone';
      if (outcome === 'published') await insertChunks(manager, rows);
      return outcome;
    });
  }

  async #drain(): Promise<void> {
    if (this.#isDraining) return;
    this.#isDraining = true;
    try {
      while (this.#waiting.length > 0) {
        await this.clock.sleep(GATHER_MS);
        await this.#settle(this.#takeGroup());
      }
    } finally {
      this.#isDraining = false;
    }
  }

  #takeGroup(): Waiting[] {
    let chunks = 0;
    let size = 0;
    for (const { drafts } of this.#waiting) {
      chunks += drafts.length;
      if (size > 0 && chunks > MAX_GROUP_CHUNKS) break;
      size += 1;
    }
    return this.#waiting.splice(0, size);
  }

  async #settle(group: Waiting[]): Promise<void> {
    try {
      const outcomes = await this.#write(group);
      for (const [index, waiting] of group.entries()) waiting.resolve(outcomes[index] ?? 'gone');
    } catch (error) {
      // One document that cannot be written must not take the others with it.
      if (group.length > 1) for (const waiting of group) await this.#settle([waiting]);
      else group[0]?.reject(error);
    }
  }

  async #write(group: readonly Waiting[]): Promise<PublishOutcome[]> {
    const rows = await analyseChunks(
      this.dataSource,
      group.flatMap(({ drafts }) => drafts),
    );
    return this.dataSource.transaction(async (manager) => {
      const { outcomes, swaps } = await lockVersions(
        manager,
        group.map(({ version }) => version),
      );
      const published = new Set(swaps.map(versionName));
      await insertChunks(
        manager,
        rows.filter((row: ChunkRow) => published.has(versionName(row))),
      );
      const inParts = group.filter(
        ({ version, drafts, chunkCount }) => drafts.length < chunkCount && published.has(versionName(version)),
      );
      const incomplete = await findIncomplete(manager, inParts);
      if (incomplete !== null) throw new Error(`Chunks of ${incomplete.documentId} are missing; it is not published.`);
      await publishVersions(manager, swaps, DEFAULT_AVERAGE_LENGTH);
      return outcomes;
    });
  }
}

function versionName(key: VersionKey): string {
  return `${key.projectId}\n${key.documentId}\n${String(key.version)}`;
}
