import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn, Unique, type Relation } from 'typeorm';
import { ProjectEntity } from '../../auth/project.entity.js';
import type { JsonObject } from '../../core/json.js';

/** A set of documents that are searched together, all embedded by one model. */
@Entity({ name: 'collection' })
@Unique('collection_project_id_name_key', ['projectId', 'name'])
export class CollectionEntity {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'collection_pkey' })
  id!: string;

  @Column({ name: 'project_id', type: 'text' })
  projectId!: string;

  @ManyToOne(() => ProjectEntity, { nullable: false })
  @JoinColumn({ name: 'project_id', foreignKeyConstraintName: 'collection_project_id_fkey' })
  project?: Relation<ProjectEntity>;

  @Column({ type: 'text' })
  name!: string;

  /** The model as requests name it. */
  @Column({ name: 'embedding_model', type: 'text' })
  embeddingModel!: string;

  /** The provider's own name of the model that made the first vector; null until there is one. */
  @Column({ name: 'embedding_target', type: 'text', nullable: true })
  embeddingTarget!: string | null;

  @Column({ name: 'embedding_dimensions', type: 'integer', nullable: true })
  embeddingDimensions!: number | null;

  /** Which generation of vectors searches use; counted up with each change of the model. */
  @Column({ name: 'embedding_generation', type: 'integer', default: 0 })
  embeddingGeneration!: number;

  /** The model that the next generation is being built with; null while none is. */
  @Column({ name: 'next_embedding_model', type: 'text', nullable: true })
  nextEmbeddingModel!: string | null;

  @Column({ name: 'next_embedding_target', type: 'text', nullable: true })
  nextEmbeddingTarget!: string | null;

  @Column({ name: 'next_embedding_dimensions', type: 'integer', nullable: true })
  nextEmbeddingDimensions!: number | null;

  /** The job that builds the next generation. */
  @Column({ name: 'embedding_job_id', type: 'text', nullable: true })
  embeddingJobId!: string | null;

  /** Language of texts that do not show their own. */
  @Column({ type: 'text', nullable: true })
  language!: string | null;

  /** Largest size of a chunk in characters. */
  @Column({ name: 'chunk_size', type: 'integer' })
  chunkSize!: number;

  /** How many characters of the chunk before it a chunk repeats at most. */
  @Column({ name: 'chunk_overlap', type: 'integer' })
  chunkOverlap!: number;

  @Column({ type: 'jsonb', default: () => `'{}'` })
  metadata!: JsonObject;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;
}
