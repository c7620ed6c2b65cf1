import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import type { JsonObject } from '../../core/json.js';
import { DocumentEntity } from './document.entity.js';

const PRIMARY_KEY = 'document_version_pkey';

/** What a document said at one time. It becomes visible at once and whole, and takes its predecessor's place. */
@Entity({ name: 'document_version' })
@ForeignKey(() => DocumentEntity, ['projectId', 'documentId'], ['projectId', 'id'], {
  name: 'document_version_document_fkey',
})
@Index('document_version_content_hash_idx', ['collectionId', 'contentHash'])
@Index('document_version_pending_idx', ['collectionId'], { where: `status = 'pending'` })
@Index('document_version_metadata_idx', { synchronize: false })
export class DocumentVersionEntity {
  @PrimaryColumn({ name: 'project_id', type: 'text', primaryKeyConstraintName: PRIMARY_KEY })
  projectId!: string;

  @PrimaryColumn({ name: 'document_id', type: 'text', primaryKeyConstraintName: PRIMARY_KEY })
  documentId!: string;

  @PrimaryColumn({ type: 'integer', primaryKeyConstraintName: PRIMARY_KEY })
  version!: number;

  @Column({ name: 'collection_id', type: 'text' })
  collectionId!: string;

  @Column({ type: 'text' })
  status!: 'pending' | 'current';

  @Column({ type: 'text', nullable: true })
  title!: string | null;

  /** As the client gave it. */
  @Column({ type: 'text', nullable: true })
  language!: string | null;

  /** The database's text search configuration that the chunks are analysed with. */
  @Column({ name: 'search_config', type: 'text' })
  searchConfig!: string;

  @Column({ type: 'jsonb', default: () => `'{}'` })
  metadata!: JsonObject;

  @Column({ name: 'content_hash', type: 'text' })
  contentHash!: string;

  /** The whole text; all offsets point into it. */
  @Column({ type: 'text', select: false })
  text!: string;

  /** What the text was read from; `text` for one that came as such, and until an upload is parsed. */
  @Column({ type: 'text', default: 'text' })
  format!: string;

  /** Where each page's text is, in UTF-16 offsets; null for formats without pages. */
  @Column({ type: 'jsonb', nullable: true, select: false })
  pages!: { start: number; end: number }[] | null;

  @Column({ name: 'job_id', type: 'text', nullable: true })
  jobId!: string | null;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;

  @Column({ name: 'indexed_at', type: 'timestamptz', nullable: true })
  indexedAt!: Date | null;
}
