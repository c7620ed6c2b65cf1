import { IsIn, IsNumberString, IsOptional, IsString, Length, Matches } from 'class-validator';
import type { Operation, Surface } from '../core/call-context.js';
import { InvalidRequestError } from '../core/errors/app-error.js';
import { toInstant } from '../usage/reports/report-range.js';
import type { RequestFilters } from '../usage/reports/request-query.js';
import { ListQueryDto } from '../http/list-query.dto.js';

const STATUSES = ['open', 'succeeded', 'failed', 'aborted', 'abandoned'] as const;
const SURFACES = ['openai', 'anthropic', 'native', 'rag', 'admin', 'operations', 'job'] as const satisfies Surface[];
const OPERATIONS = [
  'chat',
  'embeddings',
  'rerank',
  'images',
  'speech',
  'transcriptions',
  'moderations',
] as const satisfies Operation[];
const DECIMAL = /^\d{1,10}(?:\.\d{1,10})?$/;

/** Which requests are wanted; all filters together have to fit. */
export class RequestsQueryDto extends ListQueryDto {
  @IsOptional()
  @IsString()
  @Length(1, 200)
  project_id?: string;

  @IsOptional()
  @IsString()
  @Length(1, 200)
  key_id?: string;

  /** As the client named it, or the provider's own name of the one that answered, with or without `provider/`. */
  @IsOptional()
  @IsString()
  @Length(1, 300)
  model?: string;

  /** The provider that answered, or was asked last. */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  provider?: string;

  @IsOptional()
  @IsIn(STATUSES)
  status?: (typeof STATUSES)[number];

  /** The `x-request-id`; a client may use one for several requests. */
  @IsOptional()
  @IsString()
  @Length(1, 300)
  request_id?: string;

  /** Where it came in. */
  @IsOptional()
  @IsIn(SURFACES)
  surface?: (typeof SURFACES)[number];

  /** What was asked for. */
  @IsOptional()
  @IsIn(OPERATIONS)
  operation?: (typeof OPERATIONS)[number];

  /** A label of `x-trunkline-tags`. */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  tag?: string;

  /** The error's code, of failed requests. */
  @IsOptional()
  @IsString()
  @Length(1, 100)
  error_code?: string;

  /**
   * That arrived at this time or later: a day (UTC) or a time (RFC 3339).
   * @example "2026-01-31T15:00:00Z"
   */
  @IsOptional()
  @IsString()
  @Length(1, 40)
  from?: string;

  /** That arrived before this day or time. */
  @IsOptional()
  @IsString()
  @Length(1, 40)
  to?: string;

  /**
   * That cost as much or more, in USD.
   * @example "0.05"
   */
  @IsOptional()
  @Matches(DECIMAL, { message: 'min_cost_usd must be an amount like 0.05, with at most ten decimal places' })
  min_cost_usd?: string;

  /**
   * That took as many milliseconds or more.
   * @example "2000"
   */
  @IsOptional()
  @IsNumberString({ no_symbols: true }, { message: 'min_duration_ms must be a whole number of milliseconds' })
  @Length(1, 9)
  min_duration_ms?: string;
}

const ANY: RequestFilters = {
  ...{ projectId: null, keyId: null, model: null, provider: null, status: null, tag: null, errorCode: null },
  ...{ requestId: null, surface: null, operation: null },
  ...{ from: null, to: null, minCostUsd: null, minDurationMs: null },
};

/** A query as the ledger takes it; throws `invalid_query`. */
export function toRequestFilters(query: RequestsQueryDto): RequestFilters {
  const { project_id, key_id, request_id, error_code, from, to, min_cost_usd, min_duration_ms } = query;
  const { model, provider, status, surface, operation, tag } = query;
  const given = {
    ...{ projectId: project_id, keyId: key_id, requestId: request_id, errorCode: error_code },
    ...{ model, provider, status, surface, operation, tag },
    from: from === undefined ? undefined : toInstant('from', from),
    to: to === undefined ? undefined : toInstant('to', to),
    minCostUsd: min_cost_usd,
    minDurationMs: min_duration_ms === undefined ? undefined : Number(min_duration_ms),
  };
  if (given.from && given.to && given.from >= given.to) {
    throw new InvalidRequestError('invalid_query', '`from` must be before `to`, which is not part of the answer.', {
      param: 'from',
    });
  }
  return { ...ANY, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) };
}
