import { Transform } from 'class-transformer';
import { IsInt, IsOptional, IsString, Length, Max, Min } from 'class-validator';
import { InvalidRequestError } from '../../core/errors/app-error.js';
import { DIMENSIONS, type Dimension, type ReportFilters, type ReportQuery } from './report-query.js';
import { fromCursor } from './report-cursor.js';
import { toReportRange } from './report-range.js';

/** The most groups that one answer has. */
export const MOST_GROUPS = 10_000;
const DEFAULT_GROUPS = 1_000;
const RANGE_MESSAGE = `limit must be a whole number from 1 to ${String(MOST_GROUPS)}`;

/** Which usage is wanted, and how it is summed up. */
export class ReportQueryDto {
  /**
   * The first day, or a time (RFC 3339) on a quarter of an hour; 30 days before `to` when absent.
   * @example "2026-01-01"
   */
  @IsOptional()
  @IsString()
  @Length(1, 40)
  from?: string;

  /**
   * The day or time where it ends, not part of it; the end of today when absent.
   * @example "2026-02-01"
   */
  @IsOptional()
  @IsString()
  @Length(1, 40)
  to?: string;

  /**
   * Whose midnights begin the days, as an IANA name; UTC when absent.
   * @example "Europe/Berlin"
   */
  @IsOptional()
  @IsString()
  @Length(1, 64)
  time_zone?: string;

  /**
   * One or several of day, project, key, requested_model, provider, model and tag, joined by commas. An empty text sums all
   * up.
   * @example "day,model"
   */
  @IsOptional()
  @IsString()
  @Length(0, 100)
  group_by?: string;

  /**
   * How many groups at most (1 to 10000).
   * @example 1000
   */
  @IsOptional()
  @Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^-?\d{1,9}$/.test(value) ? Number(value) : value,
  )
  @IsInt({ message: RANGE_MESSAGE })
  @Min(1, { message: RANGE_MESSAGE })
  @Max(MOST_GROUPS, { message: RANGE_MESSAGE })
  limit = DEFAULT_GROUPS;

  /** The `next_after` of the page before. */
  @IsOptional()
  @IsString()
  after?: string;
}

/** A query as the reports take it; throws `invalid_query` or `invalid_cursor`. */
export function toReportQuery(
  input: ReportQueryDto,
  filters: ReportFilters,
  nowMs: number,
  allowed: readonly Dimension[] = DIMENSIONS,
): ReportQuery {
  const groupBy = toDimensions(input.group_by ?? 'day', allowed);
  return {
    range: toReportRange(input, nowMs, 30),
    groupBy,
    filters,
    limit: input.limit,
    after: input.after === undefined ? null : fromCursor(input.after, groupBy.length),
  };
}

function toDimensions(text: string, allowed: readonly Dimension[]): Dimension[] {
  if (text === '') return [];
  const names = text.split(',').map((name) => name.trim());
  const wrong = names.find((name) => !(allowed as readonly string[]).includes(name));
  if (wrong !== undefined) {
    throw invalidGroups(`\`group_by\` knows ${allowed.join(', ')}; "${wrong.slice(0, 40)}" is none of them.`);
  }
  if (new Set(names).size < names.length) throw invalidGroups('`group_by` names the same thing twice.');
  return names as Dimension[];
}

function invalidGroups(message: string): InvalidRequestError {
  return new InvalidRequestError('invalid_query', message, {
    param: 'group_by',
    details: [{ path: 'group_by', message }],
  });
}
