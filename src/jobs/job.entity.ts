import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import type { JobStatus } from './job.js';

/** A background job; what pg-boss keeps of it is only the id. */
@Entity({ name: 'job' })
@Index('job_project_id_created_at_idx', ['projectId', 'createdAt', 'id'])
@Index('job_dedupe_key_idx', ['projectId', 'kind', 'dedupeKey'], {
  unique: true,
  where: `dedupe_key is not null and status in ('queued', 'running')`,
})
@Index('job_unfinished_idx', ['kind'], { where: `status in ('queued', 'running')` })
@Check('job_status_check', `status in ('queued', 'running', 'succeeded', 'failed', 'cancelled')`)
export class JobEntity {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'job_pkey' })
  id!: string;

  @Column({ type: 'text' })
  kind!: string;

  @ForeignKey('project', { name: 'job_project_id_fkey' })
  @Column({ name: 'project_id', type: 'text' })
  projectId!: string;

  @Column({ name: 'key_id', type: 'text', nullable: true })
  keyId!: string | null;

  @Column({ name: 'dedupe_key', type: 'text', nullable: true })
  dedupeKey!: string | null;

  @Column({ type: 'text', default: 'queued' })
  status!: JobStatus;

  // `object`, because TypeORM's update types never come to an end in a recursive type.
  @Column({ type: 'jsonb' })
  payload!: object;

  /** How often a process began it; an older attempt that still runs somewhere writes nothing any more. */
  @Column({ type: 'integer', default: 0 })
  attempt!: number;

  @Column({ name: 'progress_done', type: 'integer', default: 0 })
  progressDone!: number;

  @Column({ name: 'progress_total', type: 'integer', default: 0 })
  progressTotal!: number;

  /** What the attempt is at; null before the first stage and for kinds without stages. */
  @Column({ type: 'text', nullable: true })
  stage!: string | null;

  /** What became of each stage so far, in the order they began. */
  @Column({ type: 'jsonb', default: () => `'[]'` })
  stages!: object;

  @Column({ type: 'jsonb', nullable: true })
  result!: object | null;

  /** Of the last attempt that failed, also while the job waits for the next one. */
  @Column({ name: 'error_code', type: 'text', nullable: true })
  errorCode!: string | null;

  @Column({ name: 'error_message', type: 'text', nullable: true })
  errorMessage!: string | null;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;

  @Column({ name: 'started_at', type: 'timestamptz', nullable: true })
  startedAt!: Date | null;

  @Column({ name: 'finished_at', type: 'timestamptz', nullable: true })
  finishedAt!: Date | null;
}
