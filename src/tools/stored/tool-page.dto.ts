import { Transform } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, Min } from 'class-validator';

const RANGE_MESSAGE = '`limit` must be a whole number from 1 to 100';

/** Which tools are wanted. */
export class ToolPageDto {
  /**
   * How many items at most.
   * @example 20
   */
  @IsOptional()
  @Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^-?\d{1,9}$/.test(value) ? Number(value) : value,
  )
  @IsInt({ message: RANGE_MESSAGE })
  @Min(1, { message: RANGE_MESSAGE })
  @Max(100, { message: RANGE_MESSAGE })
  limit = 20;

  /** The `last_id` of the page before. */
  @IsOptional()
  @IsString()
  after?: string;

  /** Only the tools of this project. */
  @IsOptional()
  @IsString()
  project_id?: string;
}
