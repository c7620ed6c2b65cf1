import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { CallContext } from '../../core/call-context.js';
import { AppError } from '../../core/errors/app-error.js';
import type { Principal } from '../../core/principal.js';
import { codeOfFailure } from '../../database/statement-failure.js';
import { JobQueue } from '../../jobs/job-queue.js';
import { SWITCH_JOB, type SwitchJobPayload } from '../indexing/switch-job.js';
import type { UpdateCollectionDto } from './collection.dto.js';
import { CollectionEntity } from './collection.entity.js';
import { CollectionsService, requireSmallOverlap, type EmbeddingSpace } from './collections.service.js';

const UNIQUE_VIOLATION = '23505';

/** Changes collections, their embedding model too. */
@Injectable()
export class CollectionUpdates {
  constructor(
    private readonly dataSource: DataSource,
    private readonly collections: CollectionsService,
    private readonly jobs: JobQueue,
  ) {}

  /**
   * Changes what the input names. Another model is tried with one word, then a job embeds all chunks with it while searches
   * go on with the old one; a model that gives the same vectors is taken at once. Throws `collection_not_found`, `conflict`
   * for a name that is taken, `invalid_state` while the model is being changed already, and what the embedding call throws.
   */
  async update(nameOrId: string, input: UpdateCollectionDto, call: CallContext): Promise<CollectionEntity> {
    const { projectId } = call.principal;
    const collection = await this.collections.find(projectId, nameOrId);
    if (!collection) throw notFound();
    requireSmallOverlap({
      size: input.chunk?.size ?? collection.chunkSize,
      overlap: input.chunk?.overlap ?? collection.chunkOverlap,
    });
    const model = input.embedding_model;
    if (model !== undefined) await this.#requireNoSwitch(collection);
    const space = model === undefined ? null : await this.collections.probe(model, call);
    try {
      await this.dataSource.transaction(async (manager) => {
        const locked = await lock(manager, collection);
        await applyChanges(manager, locked, input);
        if (model !== undefined && space) await this.#switch(manager, locked, { model, space }, call.principal);
      });
    } catch (error) {
      if (codeOfFailure(error) !== UNIQUE_VIOLATION) throw error;
      throw new AppError('conflict', `There is a collection with this name already: ${input.name ?? ''}.`, {
        param: 'name',
      });
    }
    return this.collections.require(projectId, collection.id);
  }

  async #switch(
    manager: EntityManager,
    collection: CollectionEntity,
    { model, space }: { model: string; space: EmbeddingSpace },
    { projectId, keyId }: Principal,
  ): Promise<void> {
    const at = { projectId, id: collection.id };
    if (collection.embeddingJobId !== null) throw switching(collection.embeddingJobId);
    const pinned = { embeddingTarget: space.model, embeddingDimensions: space.dimensions };
    if (collection.embeddingTarget === space.model && collection.embeddingDimensions === space.dimensions) {
      await manager.update(CollectionEntity, at, { embeddingModel: model });
      return;
    }
    const generation = collection.embeddingGeneration + 1;
    if (collection.embeddingDimensions === null) {
      // Nothing is embedded yet, and what is being embedded just now will find that it is outdated.
      await manager.update(CollectionEntity, at, { ...pinned, embeddingModel: model, embeddingGeneration: generation });
      return;
    }
    const payload: SwitchJobPayload = { collectionId: collection.id, generation };
    const job = await this.jobs.enqueue({ kind: SWITCH_JOB, projectId, keyId, payload }, manager);
    await manager.update(CollectionEntity, at, {
      nextEmbeddingModel: model,
      nextEmbeddingTarget: space.model,
      nextEmbeddingDimensions: space.dimensions,
      embeddingJobId: job.id,
    });
  }

  // Known before anything is spent; who comes at the same time is refused under the lock.
  async #requireNoSwitch({ projectId, embeddingJobId }: CollectionEntity): Promise<void> {
    if (embeddingJobId === null) return;
    const job = await this.jobs.find(projectId, embeddingJobId);
    if (job && (job.status === 'queued' || job.status === 'running')) throw switching(embeddingJobId);
  }
}

async function lock(manager: EntityManager, { projectId, id }: CollectionEntity): Promise<CollectionEntity> {
  await manager.query(`select 1 from collection where project_id = $1 and id = $2 for update`, [projectId, id]);
  const locked = await manager.findOneBy(CollectionEntity, { projectId, id });
  if (!locked) throw notFound();
  return locked;
}

// Documents that are there already keep their chunks as they are.
async function applyChanges(
  manager: EntityManager,
  collection: CollectionEntity,
  input: UpdateCollectionDto,
): Promise<void> {
  await manager.query(
    `update collection set name = coalesce($3, name), language = coalesce($4, language), metadata = coalesce($5, metadata),
       chunk_size = coalesce($6, chunk_size), chunk_overlap = coalesce($7, chunk_overlap)
     where project_id = $1 and id = $2`,
    [
      collection.projectId,
      collection.id,
      input.name ?? null,
      input.language ?? null,
      input.metadata === undefined ? null : JSON.stringify(input.metadata),
      input.chunk?.size ?? null,
      input.chunk?.overlap ?? null,
    ],
  );
}

function switching(jobId: string): AppError {
  const message = `The collection is being given another model already: wait for the job ${jobId}, or cancel it with DELETE /v1/jobs/${jobId}.`;
  return new AppError('invalid_state', message, { param: 'embedding_model' });
}

function notFound(): AppError {
  return new AppError('collection_not_found', 'There is no such collection.');
}
