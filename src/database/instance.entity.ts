import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A process that runs on this database and says so every few seconds. */
@Entity({ name: 'instance' })
export class InstanceEntity {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'instance_pkey' })
  id!: string;

  @Column({ name: 'started_at', type: 'timestamptz', default: () => 'now()' })
  startedAt!: Date;

  /** Whether it does what happens in the background. */
  @Column({ name: 'runs_jobs', type: 'boolean', default: true })
  runsJobs!: boolean;

  /** By the database's clock, like every comparison with it. */
  @Column({ name: 'heartbeat_at', type: 'timestamptz', default: () => 'now()' })
  heartbeatAt!: Date;
}
