import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../../core/clock.js';
import type { JsonObject } from '../../core/json.js';
import { JobFailure, type RunningJob } from '../../jobs/job.js';
import { JobInterruption } from '../../jobs/job-interruption.js';
import { JobQueue } from '../../jobs/job-queue.js';
import type { CollectionEntity } from '../collections/collection.entity.js';
import { CollectionsService } from '../collections/collections.service.js';
import { toVectorText } from '../store/chunk-rows.js';
import {
  countEmbedded,
  findUnembedded,
  removeRetired,
  rollBackGeneration,
  storeVectors,
  switchGeneration,
  type GenerationKey,
  type UnembeddedChunk,
} from '../store/embedding-generations.js';
import { ChunkEmbedder, type EmbeddedBatch } from './chunk-embedder.js';
import { contextualText, hashInput } from './draft-chunks.js';
import { toJobOutcome } from './job-outcome.js';
import { SWITCH_JOB, type SwitchJobPayload } from './switch-job.js';

type SwitchJob = RunningJob<SwitchJobPayload>;
type Item = UnembeddedChunk & { input: string };

const CONCURRENCY = 2;
const PAGE_CHUNKS = 400;
const REMOVED_AT_ONCE = 2_000;
/** Searches that began with the old vectors may end with them. */
const GRACE_MS = 500;

/** Builds the vectors of a collection's next embedding model beside those in use, and then switches in one update. */
@Injectable()
export class EmbeddingSwitchWorker implements OnApplicationBootstrap {
  constructor(
    private readonly jobs: JobQueue,
    private readonly dataSource: DataSource,
    private readonly collections: CollectionsService,
    private readonly embedder: ChunkEmbedder,
    private readonly clock: Clock,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.jobs.process<SwitchJobPayload>(SWITCH_JOB, (job) => this.#run(job), {
      concurrency: CONCURRENCY,
      scope: 'rag',
      cleanUp: (manager, { id, projectId, payload }) =>
        rollBackGeneration(manager, id, { projectId, collectionId: payload.collectionId }),
    });
  }

  async #run(job: SwitchJob): Promise<JsonObject> {
    const { collectionId, generation } = job.payload;
    const key = { projectId: job.projectId, collectionId, generation };
    try {
      const collection = await this.#require(job);
      if (collection.embeddingGeneration < generation) await this.#build(job, key, collection);
      await this.#removeRetired(job, key);
      const { chunks } = await countEmbedded(this.dataSource, key);
      return { collection_id: collectionId, embedding_model: await this.#modelOf(job), chunks };
    } catch (error) {
      throw toJobOutcome(error, job, this.clock.now());
    }
  }

  // What is published while the vectors are built is found by another round, until a round finds nothing.
  async #build(job: SwitchJob, key: GenerationKey, collection: CollectionEntity): Promise<void> {
    for (let isSwitched = false; !isSwitched;) {
      await job.stages.run('embedding', () => this.#embedAll(job, key, collection));
      const outcome = await job.stages.run('switching', () =>
        this.dataSource.transaction((manager) => switchGeneration(manager, job, key)),
      );
      if (outcome === null) throw new JobInterruption('taken-over');
      isSwitched = outcome;
    }
    job.stages.progress('switching', 1, 1);
  }

  async #embedAll(job: SwitchJob, key: GenerationKey, collection: CollectionEntity): Promise<void> {
    let { embedded, chunks } = await countEmbedded(this.dataSource, key);
    const note = async (): Promise<void> => {
      chunks = Math.max(chunks, embedded);
      job.stages.progress('embedding', embedded, chunks);
      await job.progress(embedded, chunks);
    };
    await note();
    const model = collection.nextEmbeddingModel ?? collection.embeddingModel;
    let last: UnembeddedChunk | null = null;
    for (;;) {
      const page: UnembeddedChunk[] = await findUnembedded(this.dataSource, key, last, PAGE_CHUNKS);
      last = page.at(-1) ?? null;
      if (!last) return;
      const items = page.map((chunk) => ({ ...chunk, input: contextualText(chunk, chunk.title) }));
      await this.embedder.embed(job, model, items, async (batch) => {
        await this.#store(job, collection, batch);
        embedded += batch.batch.length;
        await note();
      });
    }
  }

  async #store(job: SwitchJob, collection: CollectionEntity, embedded: EmbeddedBatch<Item>): Promise<void> {
    const { batch, vectors, model } = embedded;
    const dimensions = vectors[0]?.length ?? 0;
    if (model !== collection.nextEmbeddingTarget || dimensions !== collection.nextEmbeddingDimensions) {
      const message = `The model ${collection.nextEmbeddingModel ?? ''} became another one (${model}, ${String(dimensions)} dimensions) on the way.`;
      throw new JobFailure('embedding_model_mismatch', `${message} Start the switch again.`);
    }
    const { generation } = job.payload;
    const rows = batch.map((chunk, index) => ({
      ...chunk,
      generation,
      inputHash: hashInput(chunk.input),
      embedding: toVectorText(vectors[index] ?? new Float32Array(dimensions)),
    }));
    const isStored = await this.dataSource.transaction((manager) => storeVectors(manager, job, rows));
    if (!isStored) throw new JobInterruption('taken-over');
  }

  async #removeRetired(job: SwitchJob, key: GenerationKey): Promise<void> {
    await this.clock.sleep(GRACE_MS, job.signal);
    const remove = (): Promise<number> =>
      this.dataSource.transaction((manager) => removeRetired(manager, key, REMOVED_AT_ONCE));
    while ((await remove()) > 0) job.signal.throwIfAborted();
  }

  async #modelOf(job: SwitchJob): Promise<string> {
    return (await this.#require(job)).embeddingModel;
  }

  // A job that lost its place to another switch has nothing to build.
  async #require({ id, projectId, payload }: SwitchJob): Promise<CollectionEntity> {
    const collection = await this.collections.find(projectId, payload.collectionId);
    if (!collection) throw new JobFailure('collection_not_found', 'The collection was deleted.');
    if (collection.embeddingGeneration < payload.generation && collection.embeddingJobId !== id) {
      throw new JobFailure('invalid_state', 'The switch was given up. Start it again with PATCH /v1/collections/{id}.');
    }
    return collection;
  }
}
