import { Transform } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, Min } from 'class-validator';

const RANGE_MESSAGE = '`limit` must be a whole number from 1 to 100';

/** Which page of a list is wanted. */
export class ListQueryDto {
  /**
   * How many items at most.
   * @example 20
   */
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => toWholeNumber(value))
  @IsInt({ message: RANGE_MESSAGE })
  @Min(1, { message: RANGE_MESSAGE })
  @Max(100, { message: RANGE_MESSAGE })
  limit = 20;

  /** The `last_id` of the page before. */
  @IsOptional()
  @IsString()
  after?: string;
}

function toWholeNumber(value: unknown): unknown {
  return typeof value === 'string' && /^-?\d{1,9}$/.test(value) ? Number(value) : value;
}
