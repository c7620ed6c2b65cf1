import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import type { WebhookEventType } from './webhook-event-types.js';

/** An address of a project's that is told of events. Its secrets are encrypted. */
@Entity({ name: 'webhook' })
@Index('webhook_project_id_created_at_idx', ['projectId', 'createdAt', 'id'])
@Check('webhook_status_check', `status in ('enabled', 'disabled')`)
export class WebhookEntity {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'webhook_pkey' })
  id!: string;

  @ForeignKey('project', { name: 'webhook_project_id_fkey' })
  @Column({ name: 'project_id', type: 'text' })
  projectId!: string;

  @Column({ type: 'text' })
  url!: string;

  @Column({ type: 'text', array: true })
  events!: WebhookEventType[];

  @Column({ type: 'text', nullable: true })
  description!: string | null;

  @Column({ name: 'sealed_secret', type: 'bytea', select: false })
  sealedSecret!: Buffer;

  /** The secret before the last rotation; both sign until the time is over. */
  @Column({ name: 'sealed_previous_secret', type: 'bytea', nullable: true, select: false })
  sealedPreviousSecret!: Buffer | null;

  @Column({ name: 'previous_secret_until', type: 'timestamptz', nullable: true })
  previousSecretUntil!: Date | null;

  @Column({ type: 'text', default: 'enabled' })
  status!: 'enabled' | 'disabled';

  /** Why it is disabled, when nobody asked for it. */
  @Column({ name: 'disabled_reason', type: 'text', nullable: true })
  disabledReason!: string | null;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;
}
