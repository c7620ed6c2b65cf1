import { Type } from 'class-transformer';
import { IsInt, IsObject, IsString, Length, Matches, Max, MaxLength, Min, ValidateNested } from 'class-validator';
import { Optional } from '../optional.decorator.js';
import type { JsonObject } from '../../core/json.js';
import type { CollectionEntity } from './collection.entity.js';

const COLLECTION_NAME = /^(?!col_)[\p{L}\p{N}][\p{L}\p{N}._-]{0,99}$/u;
const NAME_MESSAGE = '`name` must be 1 to 100 letters, digits, `.`, `_` or `-`, and not begin with `col_`';

/** How the documents of a collection are cut. */
export class ChunkSettingsDto {
  /**
   * Largest size of a chunk in characters; a chunk never has more than 400 tokens either.
   * @example 1600
   */
  @Optional()
  @IsInt()
  @Min(200)
  @Max(8_000)
  size?: number;

  /**
   * How many characters of the chunk before it a chunk repeats at most; less than half of the size.
   * @example 0
   */
  @Optional()
  @IsInt()
  @Min(0)
  @Max(2_000)
  overlap?: number;
}

/** A new collection. */
export class CreateCollectionDto {
  /**
   * Letters, digits, `.`, `_` and `-`; unique in the project.
   * @example handbook
   */
  @IsString()
  @Matches(COLLECTION_NAME, { message: NAME_MESSAGE })
  name!: string;

  /**
   * The model that embeds documents and queries; the configured default when left out. PATCH changes it later.
   * @example local/lexical-384
   */
  @Optional()
  @IsString()
  @Length(1, 200)
  embedding_model?: string;

  /** How documents are cut into chunks. */
  @Optional()
  @IsObject()
  @ValidateNested()
  @Type(() => ChunkSettingsDto)
  chunk?: ChunkSettingsDto;

  /**
   * Language of texts that are too short to tell, as a code or an English name.
   * @example en
   */
  @Optional()
  @IsString()
  @MaxLength(40)
  language?: string;

  /** Free fields of the client. */
  @Optional()
  @IsObject()
  metadata?: JsonObject;
}

/** What is to be changed of a collection; what is left out stays as it is. */
export class UpdateCollectionDto {
  /**
   * A new name, by the rules of a new collection.
   * @example manual
   */
  @Optional()
  @IsString()
  @Matches(COLLECTION_NAME, { message: NAME_MESSAGE })
  name?: string;

  /**
   * Another model. A job embeds all documents with it; searches go on with the old one until that is done.
   * @example local/lexical-384
   */
  @Optional()
  @IsString()
  @Length(1, 200)
  embedding_model?: string;

  /** How documents are cut that are indexed from now on. */
  @Optional()
  @IsObject()
  @ValidateNested()
  @Type(() => ChunkSettingsDto)
  chunk?: ChunkSettingsDto;

  /**
   * Language of texts that are too short to tell, for documents that are indexed from now on.
   * @example en
   */
  @Optional()
  @IsString()
  @MaxLength(40)
  language?: string;

  /** Free fields of the client, in place of those that were there. */
  @Optional()
  @IsObject()
  metadata?: JsonObject;
}

/** A change of the embedding model that is under way. */
export class EmbeddingSwitchDto {
  /** The model that searches will use. */
  embedding_model!: string;
  /** The job that embeds the documents with it; cancelling it leaves the old model. */
  job_id!: string;
}

/** How a collection's documents are cut, as it was decided. */
export class ChunkSettingsReplyDto {
  /** Largest size of a chunk in characters. */
  size!: number;
  /** Repeated characters at most. */
  overlap!: number;
}

/** A set of documents that are searched together. */
export class CollectionDto {
  /** @example col_01H8XZ5Y7Q2M4N6P8R0S1T3V */
  id!: string;
  /** @example handbook */
  name!: string;
  /** The model as it was asked for. */
  embedding_model!: string;
  /** Length of the vectors; null until the first document is embedded. */
  embedding_dimensions!: number | null;
  /** The change of the model that is under way; null when none is. */
  embedding_switch!: EmbeddingSwitchDto | null;
  /** How documents are cut. */
  chunk!: ChunkSettingsReplyDto;
  /** Language of texts that are too short to tell. */
  language!: string | null;
  /** Free fields of the client. */
  metadata!: JsonObject;
  /** RFC 3339. */
  created_at!: string;
}

/** A page of collections, newest first. */
export class CollectionListDto {
  /** Always `list`. */
  object!: 'list';
  /** The collections. */
  data!: CollectionDto[];
  /** Whether there are older ones. */
  has_more!: boolean;
  /** Id of the first item; null when the page is empty. */
  first_id!: string | null;
  /** Id of the last item, for `after`. */
  last_id!: string | null;
}

/** Says that something was deleted. */
export class DeletedDto {
  /** What was deleted. */
  id!: string;
  /** Always true. */
  deleted!: true;
}

/** What counts a collection's words anew. */
export class RecountDto {
  /** The job. */
  job_id!: string;
}

/** A collection as clients see it. */
export function toCollectionDto(collection: CollectionEntity): CollectionDto {
  return {
    id: collection.id,
    name: collection.name,
    embedding_model: collection.embeddingModel,
    embedding_dimensions: collection.embeddingDimensions,
    embedding_switch: toSwitchDto(collection),
    chunk: { size: collection.chunkSize, overlap: collection.chunkOverlap },
    language: collection.language,
    metadata: collection.metadata,
    created_at: collection.createdAt.toISOString(),
  };
}

function toSwitchDto({ nextEmbeddingModel, embeddingJobId }: CollectionEntity): EmbeddingSwitchDto | null {
  if (nextEmbeddingModel === null || embeddingJobId === null) return null;
  return { embedding_model: nextEmbeddingModel, job_id: embeddingJobId };
}
