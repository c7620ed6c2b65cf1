import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** The project that keys belong to when nobody named one. */
export const DEFAULT_PROJECT_ID = 'proj_default';
/** What ids of projects look like. */
export const PROJECT_ID = /^proj_[0-9A-Za-z]{1,64}$/;

/** The owner of keys and of everything that is stored; nothing crosses from one to another. */
@Entity({ name: 'project' })
@Index('project_created_at_idx', ['createdAt', 'id'])
export class ProjectEntity {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'project_pkey' })
  id!: string;

  @Column({ type: 'text' })
  name!: string;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;

  @Column({ name: 'requests_per_minute', type: 'integer', nullable: true })
  requestsPerMinute!: number | null;

  @Column({ name: 'tokens_per_minute', type: 'integer', nullable: true })
  tokensPerMinute!: number | null;

  @Column({ type: 'integer', nullable: true })
  concurrency!: number | null;

  /** Since when none of its keys is valid; null while the project is in use. */
  @Column({ name: 'disabled_at', type: 'timestamptz', nullable: true })
  disabledAt!: Date | null;

  /** When it was deleted; the row stays for the ledger. */
  @Column({ name: 'deleted_at', type: 'timestamptz', nullable: true })
  deletedAt!: Date | null;

  /** When nothing of what it had stored was left; null until then. */
  @Column({ name: 'erased_at', type: 'timestamptz', nullable: true })
  erasedAt!: Date | null;
}
