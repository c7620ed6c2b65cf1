import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, Unique, type Relation } from 'typeorm';
import type { Scope } from '../core/principal.js';
import { ProjectEntity } from './project.entity.js';

/** Who made a key: somebody through `/admin`, the first start, or the preset of the environment. */
export type KeyOrigin = 'admin' | 'first-start' | 'preset';

/** A key as it is kept: its SHA-256, never the key. */
@Entity({ name: 'api_key' })
@Unique('api_key_key_hash_key', ['keyHash'])
@Index('api_key_created_at_idx', ['createdAt', 'id'])
@Index('api_key_project_id_idx', ['projectId'])
export class ApiKeyEntity {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'api_key_pkey' })
  id!: string;

  @Column({ name: 'project_id', type: 'text' })
  projectId!: string;

  @ManyToOne(() => ProjectEntity, { nullable: false })
  @JoinColumn({ name: 'project_id', foreignKeyConstraintName: 'api_key_project_id_fkey' })
  project?: Relation<ProjectEntity>;

  @Column({ type: 'text' })
  name!: string;

  /** Left out of every query that does not ask for it by name. */
  @Column({ name: 'key_hash', type: 'bytea', select: false })
  keyHash?: Buffer;

  @Column({ type: 'text', array: true })
  scopes!: Scope[];

  /** Names and patterns of the models it may use; null means all. */
  @Column({ type: 'text', array: true, nullable: true })
  models!: string[] | null;

  @Column({ name: 'requests_per_minute', type: 'integer', nullable: true })
  requestsPerMinute!: number | null;

  @Column({ name: 'tokens_per_minute', type: 'integer', nullable: true })
  tokensPerMinute!: number | null;

  @Column({ type: 'integer', nullable: true })
  concurrency!: number | null;

  @Column({ type: 'text' })
  origin!: KeyOrigin;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;

  @Column({ name: 'expires_at', type: 'timestamptz', nullable: true })
  expiresAt!: Date | null;

  @Column({ name: 'revoked_at', type: 'timestamptz', nullable: true })
  revokedAt!: Date | null;

  /** When it got the secret it has now; null while it has its first. */
  @Column({ name: 'rotated_at', type: 'timestamptz', nullable: true })
  rotatedAt!: Date | null;

  /** Until when a secret that it had before may still work; null when none does. */
  @Column({ name: 'old_secret_until', type: 'timestamptz', nullable: true })
  oldSecretUntil!: Date | null;
}
