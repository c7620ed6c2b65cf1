import { ApiProperty, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger';
import { ENDPOINT_URLS } from './endpoints.js';
import type { BatchStatus } from './store/stored-batch.js';

const METADATA = { type: 'object', additionalProperties: { type: 'string' } } as const;

/** One request of a batch. */
export class BatchRequestLineDto {
  /** What its result is found by; each request has its own. */
  custom_id!: string;

  /** Always `POST`. */
  method?: 'POST';

  /** @example "/v1/chat/completions" */
  @ApiProperty({ type: 'string', enum: ENDPOINT_URLS })
  url!: string;

  /** The body of the request. */
  @ApiProperty({ type: 'object', additionalProperties: true })
  body!: Record<string, unknown>;
}

/** A batch as OpenAI's clients ask for it, with a file, or with the requests themselves. */
export class CreateBatchDto {
  /** A file of purpose `batch`; in place of `requests`. */
  input_file_id?: string;

  /** Where all requests of the file go; `requests` may name several when it is left out. */
  @ApiPropertyOptional({ type: 'string', enum: ENDPOINT_URLS })
  endpoint?: string;

  /**
   * How long it may take: minutes or hours, up to `168h`. What is not answered by then fails.
   * @example "24h"
   */
  completion_window?: string;

  /** The requests, in place of a file. */
  @ApiProperty({ type: () => [BatchRequestLineDto], required: false })
  requests?: BatchRequestLineDto[];

  /** An address that is told of the end; see the page on batches. */
  webhook_url?: string;

  @ApiPropertyOptional({ ...METADATA, nullable: true })
  metadata?: Record<string, string> | null;

  /** How long the files with the results are kept: `anchor` is `created_at`, `seconds` 3600 to 2592000. */
  @ApiPropertyOptional({ type: 'object', additionalProperties: true })
  output_expires_after?: { anchor: 'created_at'; seconds: number };
}

/** How many requests stand how; the others have no result yet. */
export class BatchCountsDto {
  total!: number;

  completed!: number;

  failed!: number;
}

/** A mistake in the file of a batch. */
export class BatchProblemDto {
  code!: string;

  message!: string;

  param!: string | null;

  /** The line of the file, counted from 1; null when it is about the whole. */
  line!: number | null;
}

/** Why a batch was not begun. */
export class BatchProblemsDto {
  object!: 'list';

  data!: BatchProblemDto[];
}

/** A webhook that a batch named by its address. */
export class NamedWebhookDto {
  id!: string;

  url!: string;

  /** What events are signed with; only of a webhook that was made for this batch, and only this once. */
  secret?: string;
}

/** A batch. */
export class BatchDto {
  /** @example "batch_0123456789ABCDEFGHJKMNPQ" */
  id!: string;

  object!: 'batch';

  /** Where its requests go; `mixed` when they name several. */
  endpoint!: string;

  /** Null for one whose requests came with it. */
  input_file_id!: string | null;

  completion_window!: string;

  @ApiProperty({
    enum: ['validating', 'in_progress', 'finalizing', 'completed', 'failed', 'expired', 'cancelling', 'cancelled'],
  })
  status!: BatchStatus;

  errors?: BatchProblemsDto;

  output_file_id?: string;

  error_file_id?: string;

  created_at!: number;

  expires_at!: number;

  in_progress_at?: number;

  finalizing_at?: number;

  completed_at?: number;

  expired_at?: number;

  cancelling_at?: number;

  cancelled_at?: number;

  failed_at?: number;

  request_counts!: BatchCountsDto;

  /** Tokens of all requests that have a result. */
  @ApiProperty({ type: 'object', additionalProperties: true })
  usage!: Record<string, unknown>;

  @ApiProperty({ ...METADATA, nullable: true })
  metadata!: Record<string, string> | null;

  /** What the requests with a result cost, in USD. */
  cost_usd!: number;

  /** The job that works on it. */
  job_id!: string | null;

  webhook_id?: string;
}

/** A batch that was just made. */
export class CreatedBatchDto extends BatchDto {
  /** Of one that was made with `webhook_url`. */
  webhook?: NamedWebhookDto;
}

/** A page of batches, newest first. */
export class BatchListDto {
  object!: 'list';

  @ApiProperty({ type: 'array', items: { $ref: getSchemaPath(BatchDto) } })
  data!: BatchDto[];

  has_more!: boolean;

  first_id!: string | null;

  last_id!: string | null;
}
