import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  ArrayUnique,
  IsArray,
  IsISO8601,
  IsOptional,
  IsRFC3339,
  IsString,
  Length,
  Matches,
  ValidateNested,
} from 'class-validator';
import { MODEL_PATTERN } from '../core/model-patterns.js';
import { BudgetDto } from './key-budget.dto.js';
import { RequestLimitsDto } from './key-limits.dto.js';

const MOST_MODELS = 100;

/** What limits the use of a key or a project. */
export class SharedTermsDto {
  /** What may be asked for; nothing is limited when absent, null ends all limits. */
  @IsOptional()
  @ValidateNested()
  @Type(() => RequestLimitsDto)
  limits?: RequestLimitsDto | null;

  /** What may be spent: all the budgets there shall be; null ends them all. */
  @IsOptional()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => BudgetDto)
  budgets?: BudgetDto[] | null;
}

/** What limits the use of a key. */
export class KeyTermsDto extends SharedTermsDto {
  /**
   * The models that it may use: names as clients write them, or the beginning of names with a `*` behind it; null means all.
   * @example ["smart", "openai/*"]
   */
  @IsOptional()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(MOST_MODELS)
  @ArrayUnique()
  @IsString({ each: true })
  @Length(1, 300, { each: true })
  @Matches(MODEL_PATTERN, {
    each: true,
    message: 'models must be names without blanks, or the beginning of names with one `*` behind it',
  })
  models?: string[] | null;

  /**
   * When it stops working (RFC 3339, in the future); null means never.
   * @example "2030-01-01T00:00:00Z"
   */
  @IsOptional()
  @IsRFC3339()
  @IsISO8601({ strict: true })
  expires_at?: string | null;
}
