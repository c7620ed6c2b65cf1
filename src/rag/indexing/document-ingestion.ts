import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AppError } from '../../core/errors/app-error.js';
import { JobFailure, JobPostponement, type RunningJob } from '../../jobs/job.js';
import { holdAttempts } from '../../jobs/hold-attempts.js';
import { JobInterruption } from '../../jobs/job-interruption.js';
import { CollectionsService } from '../collections/collections.service.js';
import { toVectorText, type ChunkDraft } from '../store/chunk-rows.js';
import { discardChunks } from '../store/delete-document.js';
import type { PublishOutcome, VersionWrite } from '../store/publish-versions.js';
import { findKnownVectors, findStoredChunks } from '../store/stored-chunks.js';
import { ChunkEmbedder, type EmbeddedBatch } from './chunk-embedder.js';
import { ChunkPublisher } from './chunk-publisher.js';
import { cutVersion } from './cut-version.js';
import { contextualText, draftChunk, hashInput, type PlacedChunk } from './draft-chunks.js';
import type { IndexJobPayload } from './index-job.js';
import type { PendingVersion } from './pending-version.js';
import { planBatches } from './plan-batches.js';

interface PlannedChunk {
  chunk: PlacedChunk;
  input: string;
  inputHash: string;
}

type IndexJob = RunningJob<IndexJobPayload>;

/** Cuts, embeds and stores one version of a document; what an earlier attempt stored is kept. */
@Injectable()
export class DocumentIngestion {
  constructor(
    private readonly dataSource: DataSource,
    private readonly collections: CollectionsService,
    private readonly embedder: ChunkEmbedder,
    private readonly publisher: ChunkPublisher,
  ) {}

  /** Resolves to the number of chunks when the version is visible, or superseded by a newer one. */
  async ingest(version: PendingVersion, job: IndexJob): Promise<number> {
    const chunks = await job.stages.run('chunking', () => cutVersion(version, job.signal));
    job.stages.progress('chunking', chunks.length, chunks.length);
    if (chunks.length === 0) throw new JobFailure('no_text_extracted', 'The document has no text.');
    const write = new VersionWriter(version, job, chunks.length, this.publisher);
    const missing = await this.#findMissing(version, chunks, write, job);
    await write.note(chunks.length - missing.length);
    const unknown = version.key.version > 1 ? await this.#reuse(version, missing, write) : missing;
    await job.stages.run('embedding', () =>
      this.embedder.embed(job, version.collection.embeddingModel, planAll(unknown, version), (embedded) =>
        this.#store(version, embedded, write),
      ),
    );
    job.signal.throwIfAborted();
    await write.publish();
    return chunks.length;
  }

  // Pieces that an attempt stored before the settings of the collection were changed belong to no plan any more.
  async #findMissing(
    version: PendingVersion,
    chunks: readonly PlacedChunk[],
    { target }: VersionWriter,
    job: IndexJob,
  ): Promise<readonly PlacedChunk[]> {
    const stored = await findStoredChunks(this.dataSource, version.key, target.generation);
    const planned = new Set(chunks.map(({ id }) => id));
    if (stored.some(({ id }) => !planned.has(id))) {
      await this.dataSource.transaction(async (manager) => {
        const held = await holdAttempts(manager, [job]);
        if (!held.has(job.id)) throw new JobInterruption('taken-over');
        await discardChunks(manager, version.key, job.id);
      });
      return chunks;
    }
    const kept = new Set(stored.flatMap(({ id, isEmbedded }) => (isEmbedded ? [id] : [])));
    return chunks.filter(({ id }) => !kept.has(id));
  }

  // What the document said before, under the same headings, has its vectors already.
  async #reuse(
    version: PendingVersion,
    chunks: readonly PlacedChunk[],
    write: VersionWriter,
  ): Promise<readonly PlacedChunk[]> {
    const unknown: PlacedChunk[] = [];
    for (const batch of planBatches(planAll(chunks, version), ({ input }) => input)) {
      const hashes = batch.map(({ inputHash }) => inputHash);
      const vectors = await findKnownVectors(this.dataSource, version.key, write.target.generation, hashes);
      const drafts: ChunkDraft[] = [];
      for (const planned of batch) {
        const embedding = vectors.get(planned.inputHash);
        if (embedding === undefined) unknown.push(planned.chunk);
        else drafts.push(write.draft(planned, embedding));
      }
      await write.add(drafts);
    }
    return unknown;
  }

  async #store(version: PendingVersion, embedded: EmbeddedBatch<PlannedChunk>, write: VersionWriter): Promise<void> {
    const { batch, vectors, model } = embedded;
    await this.#pin(version, { model, dimensions: vectors[0]?.length ?? 0 });
    const drafts = batch.flatMap((planned, index) => {
      const vector = vectors[index];
      return vector ? [write.draft(planned, toVectorText(vector))] : [];
    });
    await write.add(drafts);
  }

  async #pin({ collection }: PendingVersion, space: { model: string; dimensions: number }): Promise<void> {
    try {
      await this.collections.pin(collection, space);
    } catch (error) {
      const now = await this.collections.find(collection.projectId, collection.id);
      if (now && now.embeddingGeneration !== collection.embeddingGeneration) throw outdated();
      throw error instanceof AppError && !now ? gone() : error;
    }
  }
}

/** Gathers the chunks of one attempt: all but the last ones are stored at once, those become visible with the rest. */
class VersionWriter {
  readonly target: VersionWrite;
  #held: ChunkDraft[] = [];
  #done = 0;

  constructor(
    private readonly version: PendingVersion,
    private readonly job: IndexJob,
    private readonly chunkCount: number,
    private readonly publisher: ChunkPublisher,
  ) {
    const { id, attempt } = job;
    this.target = { ...version.key, generation: version.collection.embeddingGeneration, attempt: { id, attempt } };
  }

  draft({ chunk, inputHash }: PlannedChunk, embedding: string): ChunkDraft {
    return draftChunk(this.version.key, chunk, this.version, {
      embedding,
      inputHash,
      generation: this.target.generation,
    });
  }

  async note(done: number): Promise<void> {
    this.#done += done;
    this.job.stages.progress('embedding', this.#done, this.chunkCount);
    await this.job.progress(this.#done, this.chunkCount);
  }

  async add(drafts: ChunkDraft[]): Promise<void> {
    if (drafts.length === 0) return;
    const ready = this.#held;
    this.#held = drafts;
    await this.note(drafts.length);
    if (ready.length === 0) return;
    const outcome = await this.job.stages.run('storing', () => this.publisher.stage(this.target, ready));
    this.job.stages.progress('storing', this.#done - this.#held.length, this.chunkCount);
    requireGoing(outcome);
  }

  async publish(): Promise<void> {
    const publication = { version: this.target, drafts: this.#held, chunkCount: this.chunkCount };
    requireGoing(await this.job.stages.run('storing', () => this.publisher.publish(publication)));
    this.job.stages.progress('storing', this.chunkCount, this.chunkCount);
    await this.job.progress(this.chunkCount, this.chunkCount);
  }
}

// One at a time: together the inputs are as large as the document.
function* planAll(chunks: readonly PlacedChunk[], { title }: PendingVersion): Generator<PlannedChunk> {
  for (const chunk of chunks) {
    const input = contextualText(chunk, title);
    yield { chunk, input, inputHash: hashInput(input) };
  }
}

// A newer version that is visible already makes this one pointless, but not wrong.
function requireGoing(outcome: PublishOutcome): void {
  if (outcome === 'gone') throw gone();
  if (outcome === 'outdated') throw outdated();
  if (outcome === 'stopped') throw new JobInterruption('taken-over');
}

function gone(): JobFailure {
  return new JobFailure('not_found', 'The document was deleted or replaced while it was being indexed.');
}

// The next attempt embeds with the collection's new model.
function outdated(): JobPostponement {
  return new JobPostponement('embedding_model_changed', 'The collection changed its embedding model meanwhile.', 0);
}
