import { IsIn, IsOptional, IsString } from 'class-validator';
import { ListQueryDto } from '../../http/list-query.dto.js';
import type { WebhookDeliveryEntity } from './webhook-delivery.entity.js';

const STATUSES = ['pending', 'delivered', 'failed'] as const;

/** Which deliveries of a webhook are wanted. */
export class DeliveryQueryDto extends ListQueryDto {
  /** Only those that stand so. */
  @IsOptional()
  @IsIn(STATUSES)
  status?: (typeof STATUSES)[number];
}

/** Which deliveries are wanted, of all projects. */
export class AdminDeliveryQueryDto extends DeliveryQueryDto {
  /** Only those of this webhook. */
  @IsOptional()
  @IsString()
  webhook_id?: string;

  /** Only those of this project. */
  @IsOptional()
  @IsString()
  project_id?: string;
}

/** One try to deliver. */
export class DeliveryAttemptDto {
  /** When it began (RFC 3339). */
  at!: string;
  /** The status that the receiver answered with; null when it did not answer. */
  status!: number | null;
  /** Why it counts as failed; null when the event was taken. */
  error!: string | null;
  duration_ms!: number;
}

/** One event on its way to one webhook. */
export class DeliveryDto {
  /** @example "whd_01ARZ3NDEKTSV4RRFFQ69G5F_1" */
  id!: string;
  webhook_id!: string;
  project_id!: string;
  /** What receivers tell repetitions by: the header `webhook-id`. */
  event_id!: string;
  /** Such as `index.succeeded`. */
  type!: string;
  status!: 'pending' | 'delivered' | 'failed';
  /** The last twenty tries, the oldest first. */
  attempts!: DeliveryAttemptDto[];
  /** When it is tried next (RFC 3339); null when it is over. */
  next_attempt_at!: string | null;
  /** When it was announced (RFC 3339). */
  created_at!: string;
  /** When it was over, in whatever way (RFC 3339). */
  finished_at!: string | null;
}

/** A page of deliveries, newest first. */
export class DeliveryListDto {
  /** Always `list`. */
  object!: 'list';
  data!: DeliveryDto[];
  /** Whether there are older ones. */
  has_more!: boolean;
  first_id!: string | null;
  /** What `after` takes to get the next page. */
  last_id!: string | null;
}

/** A delivery as its project and administrators see it. */
export function toDeliveryDto(delivery: WebhookDeliveryEntity): DeliveryDto {
  const { id, status, type, attempts, webhookId, projectId, eventId, nextAttemptAt, createdAt, finishedAt } = delivery;
  return {
    ...{ id, webhook_id: webhookId, project_id: projectId, event_id: eventId, type, status, attempts },
    next_attempt_at: status === 'pending' ? nextAttemptAt.toISOString() : null,
    created_at: createdAt.toISOString(),
    finished_at: finishedAt?.toISOString() ?? null,
  };
}
