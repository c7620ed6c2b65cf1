import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, ArrayUnique, IsArray, IsBoolean, IsIn, IsInt, IsOptional } from 'class-validator';
import { IsString, Length, Max, Min } from 'class-validator';
import type { WebhookEntity } from './webhook.entity.js';
import { WEBHOOK_EVENT_TYPES, type WebhookEventType } from './webhook-event-types.js';

const DAY_SECONDS = 86_400;

/** A field that may be missing; null is the same as missing. */
function Optional(): PropertyDecorator {
  return applyDecorators(
    IsOptional(),
    Transform(({ value }: { value: unknown }) => value ?? undefined),
  );
}

/** A list of events, each once. */
function EventList(): PropertyDecorator {
  return applyDecorators(
    IsArray(),
    ArrayMinSize(1),
    ArrayMaxSize(WEBHOOK_EVENT_TYPES.length),
    ArrayUnique(),
    IsIn(WEBHOOK_EVENT_TYPES, { each: true }),
    ApiProperty({
      type: 'array',
      minItems: 1,
      uniqueItems: true,
      items: { type: 'string', enum: [...WEBHOOK_EVENT_TYPES] },
    }),
  );
}

/** An address that is to be told of events. */
export class CreateWebhookDto {
  /**
   * Where events are posted to. It must be reachable from here, at a public address unless the operator allows another.
   * @example "https://hooks.example.com/trunkline"
   */
  @IsString()
  @Length(1, 2_000)
  url!: string;

  /** Which events. */
  @EventList()
  events!: WebhookEventType[];

  /** What it is for, in your words. */
  @Optional()
  @IsString()
  @Length(1, 500)
  description?: string;

  /** What events are signed with: `whsec_` and 24 to 64 random bytes in base64. One is made when it is left out. */
  @Optional()
  @IsString()
  secret?: string;
}

/** A change of a webhook; what is absent stays as it is. */
export class ChangeWebhookDto {
  @Optional()
  @IsString()
  @Length(1, 2_000)
  url?: string;

  @Optional()
  @EventList()
  events?: WebhookEventType[];

  @Optional()
  @IsString()
  @Length(1, 500)
  description?: string;

  /** A disabled one gets nothing, and what happens meanwhile is not told later. */
  @Optional()
  @IsBoolean()
  enabled?: boolean;
}

/** How a webhook gets another secret. */
export class RotateWebhookDto {
  /** As when it is created. */
  @Optional()
  @IsString()
  secret?: string;

  /** For how many seconds events are signed with the old secret too, so that the receiver can change over. */
  @Optional()
  @IsInt()
  @Min(0)
  @Max(7 * DAY_SECONDS)
  overlap_seconds?: number;
}

/** A webhook, without its secret. */
export class WebhookDto {
  /** @example "wh_01ARZ3NDEKTSV4RRFFQ69G5F" */
  id!: string;
  /** Always `webhook`. */
  object!: 'webhook';
  url!: string;
  events!: WebhookEventType[];
  description!: string | null;
  enabled!: boolean;
  /** Why it gets nothing any more, when nobody disabled it: its receiver answered 410. */
  disabled_reason!: string | null;
  /** When it was made (RFC 3339). */
  created_at!: string;
}

/** A webhook with a secret that was just made or set. */
export class WebhookWithSecretDto extends WebhookDto {
  /** What receivers verify events with. It is not shown again. */
  secret!: string;
}

/** A page of webhooks, newest first. */
export class WebhookListDto {
  /** Always `list`. */
  object!: 'list';
  data!: WebhookDto[];
  /** Whether there are older ones. */
  has_more!: boolean;
  first_id!: string | null;
  /** What `after` takes to get the next page. */
  last_id!: string | null;
}

/** A webhook that was deleted. */
export class DeletedWebhookDto {
  id!: string;
  /** Always true. */
  deleted!: true;
}

/** A webhook as its project sees it. */
export function toWebhookDto(webhook: WebhookEntity): WebhookDto {
  const { id, url, events, description, status, disabledReason, createdAt } = webhook;
  return {
    ...{ id, object: 'webhook', url, events, description },
    enabled: status === 'enabled',
    disabled_reason: disabledReason,
    created_at: createdAt.toISOString(),
  };
}
