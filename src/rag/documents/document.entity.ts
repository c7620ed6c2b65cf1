import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { ProjectEntity } from '../../auth/project.entity.js';
import { CollectionEntity } from '../collections/collection.entity.js';

/** A document under its id; what it says is in its versions. */
@Entity({ name: 'document' })
@Index('document_collection_id_source_idx', ['collectionId', 'source'])
@Index('document_project_id_created_at_idx', ['projectId', 'createdAt', 'id'])
export class DocumentEntity {
  @PrimaryColumn({ name: 'project_id', type: 'text', primaryKeyConstraintName: 'document_pkey' })
  projectId!: string;

  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'document_pkey' })
  id!: string;

  @ManyToOne(() => ProjectEntity, { nullable: false })
  @JoinColumn({ name: 'project_id', foreignKeyConstraintName: 'document_project_id_fkey' })
  project?: Relation<ProjectEntity>;

  @Column({ name: 'collection_id', type: 'text' })
  collectionId!: string;

  @ManyToOne(() => CollectionEntity, { nullable: false })
  @JoinColumn({ name: 'collection_id', foreignKeyConstraintName: 'document_collection_id_fkey' })
  collection?: Relation<CollectionEntity>;

  @Column({ type: 'text' })
  source!: string;

  /** The version that searches see; 0 while none is ready. */
  @Column({ name: 'current_version', type: 'integer', default: 0 })
  currentVersion!: number;

  @Column({ name: 'latest_version', type: 'integer' })
  latestVersion!: number;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;
}
