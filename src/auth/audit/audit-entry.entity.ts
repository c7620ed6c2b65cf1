import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { JsonObject } from '../../core/json.js';

/** One change that an administrator made, written in the transaction of the change itself. */
@Entity({ name: 'audit_entry' })
@Index('audit_entry_created_at_idx', ['createdAt', 'id'])
@Index('audit_entry_target_idx', ['target', 'createdAt', 'id'])
@Index('audit_entry_actor_idx', ['actor', 'createdAt', 'id'])
export class AuditEntryEntity {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'audit_entry_pkey' })
  id!: string;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;

  /** The id of the key that was used; `server` for what the server did by itself at its start. */
  @Column({ type: 'text' })
  actor!: string;

  @Column({ type: 'text', nullable: true })
  address!: string | null;

  @Column({ name: 'request_id', type: 'text', nullable: true })
  requestId!: string | null;

  /** Such as `key.rotate`. */
  @Column({ type: 'text' })
  action!: string;

  /** The id, or the name, of what was changed. */
  @Column({ type: 'text' })
  target!: string;

  /** Each field that changed, with its value before and after; never a secret. */
  @Column({ type: 'jsonb' })
  changes!: JsonObject;
}
