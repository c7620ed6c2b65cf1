import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { ProjectEntity } from '../../auth/project.entity.js';
import type { Operation } from '../../core/call-context.js';
import type { RequestStatus } from './ledger-record.js';
import { TokenColumns } from './token-columns.js';

/** One admitted request and what it cost. */
@Entity({ name: 'usage_request' })
@Index('usage_request_project_id_request_id_idx', ['projectId', 'requestId'])
@Index('usage_request_project_id_started_at_idx', ['projectId', 'startedAt'])
@Index('usage_request_started_at_idx', ['startedAt'])
@Index('usage_request_failed_idx', ['startedAt', 'id'], { where: `status in ('failed', 'aborted', 'abandoned')` })
@Index('usage_request_tags_idx', { synchronize: false })
@Index('usage_request_instance_id_idx', ['instanceId'], { where: `status = 'open'` })
export class UsageRequestEntity {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'usage_request_pkey' })
  id!: string;

  /** The process that it ran in; null for requests from before this was kept. */
  @Column({ name: 'instance_id', type: 'text', nullable: true })
  instanceId!: string | null;

  @Column({ name: 'request_id', type: 'text' })
  requestId!: string;

  @Column({ name: 'project_id', type: 'text' })
  projectId!: string;

  @ManyToOne(() => ProjectEntity, { nullable: false })
  @JoinColumn({ name: 'project_id', foreignKeyConstraintName: 'usage_request_project_id_fkey' })
  project?: Relation<ProjectEntity>;

  @Column({ name: 'key_id', type: 'text' })
  keyId!: string;

  @Column({ type: 'text' })
  surface!: string;

  @Column({ type: 'text' })
  operation!: Operation;

  @Column({ name: 'requested_model', type: 'text' })
  requestedModel!: string;

  @Column({ type: 'text', nullable: true })
  provider!: string | null;

  @Column({ type: 'text', nullable: true })
  model!: string | null;

  @Column({ type: 'text' })
  status!: RequestStatus;

  @Column({ name: 'error_code', type: 'text', nullable: true })
  errorCode!: string | null;

  @Column(() => TokenColumns, { prefix: false })
  usage!: TokenColumns;

  /** USD; null when an attempt was billed whose model has no known price. */
  @Column({ name: 'cost_usd', type: 'numeric', precision: 20, scale: 10, nullable: true })
  costUsd!: string | null;

  @Column({ type: 'text', array: true })
  tags!: string[];

  @Column({ name: 'started_at', type: 'timestamptz' })
  startedAt!: Date;

  @Column({ name: 'duration_ms', type: 'integer' })
  durationMs!: number;

  @Column({ name: 'first_content_ms', type: 'integer', nullable: true })
  firstContentMs!: number | null;

  /** USD that an answer would have cost which came from another request; null for all that were sent themselves. */
  @Column({ name: 'saved_usd', type: 'numeric', precision: 20, scale: 10, nullable: true })
  savedUsd!: string | null;
}
