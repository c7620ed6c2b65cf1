import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/**
 * What a provider wants back with one tool call of a project, for the replica that gets the call's result. Written and read
 * by hand: rows come in batches, and what they hold goes by the database's clock.
 */
@Entity({ name: 'provider_state' })
@Index('provider_state_expires_at_idx', ['expiresAt'])
export class ProviderStateEntity {
  @PrimaryColumn({ name: 'project_id', type: 'text', primaryKeyConstraintName: 'provider_state_pkey' })
  projectId!: string;

  @PrimaryColumn({ name: 'call_id', type: 'text', primaryKeyConstraintName: 'provider_state_pkey' })
  callId!: string;

  /** JSON, as text: nothing looks into it, and a model's words may hold what `jsonb` refuses. */
  @Column({ type: 'text' })
  state!: string;

  @Column({ name: 'expires_at', type: 'timestamptz' })
  expiresAt!: Date;
}
