import { Injectable } from '@nestjs/common';
import { DataSource, type Repository } from 'typeorm';
import { GatewayConfig } from '../../config/gateway-config.js';
import type { CallContext } from '../../core/call-context.js';
import { AppError, InvalidRequestError } from '../../core/errors/app-error.js';
import { newId } from '../../core/ids.js';
import type { JsonObject } from '../../core/json.js';
import { EmbeddingsService } from '../../embeddings/embeddings.service.js';
import type { ListOf } from '../../http/list-of.js';
import { listPage } from '../list-page.js';
import { deleteCollection } from '../store/delete-document.js';
import { toCollectionDto, type CollectionDto, type CreateCollectionDto } from './collection.dto.js';
import { CollectionEntity } from './collection.entity.js';

/** The collection that exists from its first use. */
export const DEFAULT_COLLECTION = 'default';
const DEFAULT_CHUNK_SIZE = 1_600;

/** What is known of the vectors a model gives. */
export interface EmbeddingSpace {
  model: string;
  dimensions: number;
}

/** What a collection knows of the vectors in it. */
export type EmbeddedCollection = Pick<
  CollectionEntity,
  'projectId' | 'id' | 'name' | 'embeddingModel' | 'embeddingTarget' | 'embeddingDimensions' | 'embeddingGeneration'
>;

interface NewCollection {
  embeddingModel: string;
  space?: EmbeddingSpace | null;
  language?: string;
  chunkSize: number;
  chunkOverlap: number;
  metadata?: JsonObject;
}

/** The collections of a project; nobody sees another project's. */
@Injectable()
export class CollectionsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly gateway: GatewayConfig,
    private readonly embeddings: EmbeddingsService,
  ) {}

  /**
   * Makes a collection. A model that is named is tried at once with one word, so that a wrong name fails here and not in a
   * job later. Throws `conflict` for a name that is taken.
   */
  async create(input: CreateCollectionDto, call: CallContext): Promise<CollectionEntity> {
    const size = input.chunk?.size ?? DEFAULT_CHUNK_SIZE;
    const overlap = input.chunk?.overlap ?? 0;
    requireSmallOverlap({ size, overlap });
    const space = input.embedding_model === undefined ? null : await this.probe(input.embedding_model, call);
    const made = await this.#insert(call.principal.projectId, input.name, {
      embeddingModel: input.embedding_model ?? this.gateway.defaults.embeddings,
      space,
      language: input.language,
      chunkSize: size,
      chunkOverlap: overlap,
      metadata: input.metadata,
    });
    if (!made)
      throw new AppError('conflict', `There is a collection with this name already: ${input.name}.`, { param: 'name' });
    return this.require(call.principal.projectId, input.name);
  }

  list(projectId: string, page: { limit: number; after?: string }): Promise<ListOf<CollectionDto>> {
    const rows = this.#repository().createQueryBuilder('item').where('item.projectId = :projectId', { projectId });
    return listPage(rows, { projectId, ...page }, toCollectionDto);
  }

  /** The collection of this name or id. `default` is made when it is missing. Throws `collection_not_found`. */
  async require(projectId: string, nameOrId: string = DEFAULT_COLLECTION): Promise<CollectionEntity> {
    const found = await this.find(projectId, nameOrId);
    if (found) return found;
    if (nameOrId !== DEFAULT_COLLECTION) throw notFound(nameOrId);
    await this.#insert(projectId, DEFAULT_COLLECTION, {
      embeddingModel: this.gateway.defaults.embeddings,
      chunkSize: DEFAULT_CHUNK_SIZE,
      chunkOverlap: 0,
    });
    return this.require(projectId, DEFAULT_COLLECTION);
  }

  /** The collection of this name or id, or null. */
  find(projectId: string, nameOrId: string): Promise<CollectionEntity | null> {
    // No name has it, and the database refuses it.
    if (nameOrId.includes('\0')) return Promise.resolve(null);
    const key = nameOrId.startsWith('col_') ? { id: nameOrId } : { name: nameOrId };
    return this.#repository().findOneBy({ projectId, ...key });
  }

  /** Removes a collection with everything in it. Throws `collection_not_found`. */
  async remove(projectId: string, nameOrId: string): Promise<string> {
    const collection = await this.find(projectId, nameOrId);
    const isDeleted =
      collection !== null &&
      (await this.dataSource.transaction((manager) => deleteCollection(manager, projectId, collection.id)));
    if (!isDeleted) throw notFound(nameOrId);
    return collection.id;
  }

  /**
   * Holds a collection to one embedding space: the first vectors decide, others that differ are refused.
   * Throws `embedding_model_mismatch`.
   */
  async pin(collection: EmbeddedCollection, space: EmbeddingSpace): Promise<void> {
    if (collection.embeddingDimensions === null) {
      await this.dataSource.query(
        `update collection set embedding_target = $3, embedding_dimensions = $4
         where project_id = $1 and id = $2 and embedding_dimensions is null and embedding_generation = $5`,
        [collection.projectId, collection.id, space.model, space.dimensions, collection.embeddingGeneration],
      );
      const pinned = await this.#repository().findOneBy({ projectId: collection.projectId, id: collection.id });
      if (!pinned) throw notFound(collection.name);
      collection.embeddingTarget = pinned.embeddingTarget;
      collection.embeddingDimensions = pinned.embeddingDimensions;
    }
    if (collection.embeddingDimensions === space.dimensions && collection.embeddingTarget === space.model) return;
    throw new AppError(
      'embedding_model_mismatch',
      `The collection "${collection.name}" was embedded with ${describe(collection.embeddingTarget, collection.embeddingDimensions)}, ` +
        `but its model ${collection.embeddingModel} now is ${describe(space.model, space.dimensions)}. ` +
        'Point the model back to the old one, or embed the documents anew with PATCH /v1/collections/{id} ' +
        `{"embedding_model": ${JSON.stringify(collection.embeddingModel)}}.`,
    );
  }

  /** What vectors a model gives, found out with one word. Throws what the embedding call throws. */
  async probe(model: string, call: CallContext): Promise<EmbeddingSpace> {
    const result = await this.embeddings.embed({ model, inputs: ['dimensions'], purpose: 'document' }, call);
    return { model: result.model, dimensions: result.vectors[0]?.length ?? 0 };
  }

  async #insert(projectId: string, name: string, values: NewCollection): Promise<boolean> {
    const rows = await this.dataSource.query<unknown[]>(
      `insert into collection (id, project_id, name, embedding_model, embedding_target, embedding_dimensions,
         language, chunk_size, chunk_overlap, metadata)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (project_id, name) do nothing returning id`,
      [
        newId('col_'),
        projectId,
        name,
        values.embeddingModel,
        values.space?.model ?? null,
        values.space?.dimensions ?? null,
        values.language ?? null,
        values.chunkSize,
        values.chunkOverlap,
        JSON.stringify(values.metadata ?? {}),
      ],
    );
    return rows.length > 0;
  }

  #repository(): Repository<CollectionEntity> {
    return this.dataSource.getRepository(CollectionEntity);
  }
}

/** Throws `invalid_value` for chunks that would repeat half of themselves or more. */
export function requireSmallOverlap({ size, overlap }: { size: number; overlap: number }): void {
  if (overlap * 2 < size) return;
  const message = 'The overlap must be less than half of the size.';
  throw new InvalidRequestError('invalid_value', message, { param: 'chunk.overlap' });
}

function describe(model: string | null, dimensions: number | null): string {
  return `${model ?? 'an unknown model'} (${String(dimensions ?? 0)} dimensions)`;
}

function notFound(nameOrId: string): AppError {
  const message = `There is no collection ${JSON.stringify(nameOrId)}. Make it with POST /v1/collections.`;
  return new AppError('collection_not_found', message, { param: 'collection' });
}
