import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/** One try to deliver. */
export interface DeliveryAttempt {
  /** RFC 3339. */
  at: string;
  /** The status that the receiver answered with; null when it did not. */
  status: number | null;
  /** Why it counts as failed; null when it was taken. */
  error: string | null;
  duration_ms: number;
}

/** One event on its way to one webhook. */
@Entity({ name: 'webhook_delivery' })
@Index('webhook_delivery_webhook_id_event_id_idx', ['webhookId', 'eventId'], { unique: true })
@Index('webhook_delivery_due_idx', ['webhookId', 'nextAttemptAt'], { where: `status = 'pending'` })
@Index('webhook_delivery_busy_idx', ['webhookId', 'claimedUntil'], {
  where: `status = 'pending' and claimed_until is not null`,
})
@Index('webhook_delivery_project_id_created_at_idx', ['projectId', 'createdAt', 'id'])
@Index('webhook_delivery_created_at_idx', ['createdAt', 'id'])
@Check('webhook_delivery_status_check', `status in ('pending', 'delivered', 'failed')`)
export class WebhookDeliveryEntity {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'webhook_delivery_pkey' })
  id!: string;

  /** What receivers tell repetitions by. */
  @Column({ name: 'event_id', type: 'text' })
  eventId!: string;

  @ForeignKey('webhook', { name: 'webhook_delivery_webhook_id_fkey', onDelete: 'CASCADE' })
  @Column({ name: 'webhook_id', type: 'text' })
  webhookId!: string;

  @Column({ name: 'project_id', type: 'text' })
  projectId!: string;

  @Column({ type: 'text' })
  type!: string;

  /** The JSON that is sent and signed, byte for byte. */
  @Column({ type: 'text', select: false })
  body!: string;

  @Column({ type: 'text', default: 'pending' })
  status!: 'pending' | 'delivered' | 'failed';

  /** All tries so far, the oldest first; the last ones only when there were many. */
  @Column({ type: 'jsonb', default: () => `'[]'` })
  attempts!: DeliveryAttempt[];

  /** How many tries of the present round failed: a delivery that is asked for anew begins another one. */
  @Column({ name: 'failures', type: 'integer', default: 0 })
  failures!: number;

  @Column({ name: 'next_attempt_at', type: 'timestamptz', default: () => 'now()' })
  nextAttemptAt!: Date;

  /** Who is trying at present, and until when that counts. */
  @Column({ type: 'text', nullable: true, select: false })
  claim!: string | null;

  @Column({ name: 'claimed_until', type: 'timestamptz', nullable: true, select: false })
  claimedUntil!: Date | null;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;

  @Column({ name: 'finished_at', type: 'timestamptz', nullable: true })
  finishedAt!: Date | null;
}
