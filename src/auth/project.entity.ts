import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** The project that keys belong to when nobody named one. */
export const DEFAULT_PROJECT_ID = 'proj_default';

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

  /** Since when none of its keys is valid; null while the project is in use. */
  @Column({ name: 'disabled_at', type: 'timestamptz', nullable: true })
  disabledAt!: Date | null;
}
