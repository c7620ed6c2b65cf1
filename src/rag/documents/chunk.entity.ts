import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { DocumentVersionEntity } from './document-version.entity.js';

/** A piece of one version of a document; its vectors and lexemes are in tables of their own. */
@Entity({ name: 'chunk' })
@ForeignKey(
  () => DocumentVersionEntity,
  ['projectId', 'documentId', 'version'],
  ['projectId', 'documentId', 'version'],
  { name: 'chunk_version_fkey' },
)
@Index('chunk_document_ordinal_idx', ['projectId', 'documentId', 'version', 'ordinal'], { unique: true })
export class ChunkEntity {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'chunk_pkey' })
  id!: string;

  @Column({ name: 'project_id', type: 'text' })
  projectId!: string;

  @Column({ name: 'collection_id', type: 'text' })
  collectionId!: string;

  @Column({ name: 'document_id', type: 'text' })
  documentId!: string;

  @Column({ type: 'integer' })
  version!: number;

  /** Place in the document, from 0. */
  @Column({ type: 'integer' })
  ordinal!: number;

  /** UTF-16 offset into the document's text. */
  @Column({ name: 'start_offset', type: 'integer' })
  start!: number;

  @Column({ name: 'end_offset', type: 'integer' })
  end!: number;

  /** Page that the chunk begins on, from 1; null for formats without pages. */
  @Column({ type: 'integer', nullable: true })
  page!: number | null;

  @Column({ name: 'heading_path', type: 'text', nullable: true })
  headingPath!: string | null;

  @Column({ type: 'text' })
  text!: string;
}
