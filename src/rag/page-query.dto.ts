import { Transform } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, Min } from 'class-validator';

/** Which page of a list is wanted. */
export class PageQueryDto {
  /**
   * How many items at most.
   * @example 20
   */
  @IsOptional()
  @Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^-?\d{1,9}$/.test(value) ? Number(value) : value,
  )
  @IsInt({ message: '`limit` must be a whole number' })
  @Min(1)
  @Max(100)
  limit = 20;

  /** The `last_id` of the page before. */
  @IsOptional()
  @IsString()
  after?: string;
}
