import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsNumber,
  IsOptional,
  IsString,
  Length,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import type { ConversationShape } from './conversation-usage.js';
import { DAYS_PER_MONTH, type EstimatedCost, type ModelEstimate, tokensOf } from './cost-estimates.service.js';

/** A message of a sample conversation. */
export class SampleMessageDto {
  @IsIn(['system', 'user', 'assistant'])
  role!: 'system' | 'user' | 'assistant';

  @IsString()
  @Length(0, 1_000_000)
  content!: string;
}

/** What conversations are expected to be like. */
export class EstimateCostDto {
  /** @example 1000 */
  @IsInt()
  @Min(1)
  @Max(1_000_000_000)
  conversations_per_day!: number;

  /**
   * Questions in a conversation, each with its answer.
   * @example 5
   */
  @IsInt()
  @Min(1)
  @Max(1_000)
  turns!: number;

  /**
   * Tokens of a question; 200 when nothing says otherwise.
   * @example 200
   */
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(10_000_000)
  input_tokens_per_turn?: number;

  /**
   * Tokens of an answer; 300 when nothing says otherwise.
   * @example 300
   */
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(10_000_000)
  output_tokens_per_turn?: number;

  /** Tokens of the instructions that go with every question; none when nothing says otherwise. */
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(10_000_000)
  system_tokens?: number;

  /** A sample conversation whose tokens are counted for those of the three numbers that are not given. */
  @IsOptional()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(1_000)
  @ValidateNested({ each: true })
  @Type(() => SampleMessageDto)
  messages?: SampleMessageDto[];

  /** Whether each question goes with all that was said before, as chats do. */
  @IsOptional()
  @IsBoolean()
  history = true;

  /**
   * The part of what was sent before that is read from the provider's prompt cache, from 0 to 1.
   * @example 0.8
   */
  @IsOptional()
  @IsNumber()
  @Min(0)
  @Max(1)
  cached_share = 0;

  /**
   * Aliases or `provider/model`; the chat aliases that the key may use when absent.
   * @example ["smart", "openai/gpt-4o-mini"]
   */
  @IsOptional()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(50)
  @ArrayUnique()
  @IsString({ each: true })
  @Length(1, 256, { each: true })
  models?: string[];
}

/** What the estimate was made from. */
export class EstimateBasisDto {
  conversations_per_day!: number;
  turns!: number;
  system_tokens!: number;
  input_tokens_per_turn!: number;
  output_tokens_per_turn!: number;
  history!: boolean;
  cached_share!: number;
  /** Prompt tokens of a whole conversation. */
  input_tokens_per_conversation!: number;
  /** Of them, read from the provider's prompt cache. */
  cached_input_tokens_per_conversation!: number;
  output_tokens_per_conversation!: number;
  days_per_month!: number;
}

/** What the conversations would cost at one provider. */
export class TargetEstimateDto {
  provider!: string;
  /** The provider's own name of the model. */
  model!: string;
  /** Whether its price is known. */
  priced!: boolean;
  /** USD; null when the price is not known. */
  per_conversation_usd!: number | null;
  daily_usd!: number | null;
  monthly_usd!: number | null;
}

/** What the conversations would cost with one model. */
export class ModelEstimateDto {
  /** As it was asked for. */
  model!: string;
  /** Whether its price is known; without one it is not free, and nothing can be said. */
  priced!: boolean;
  /** USD at the first target; null when its price is not known. */
  per_conversation_usd!: number | null;
  daily_usd!: number | null;
  monthly_usd!: number | null;
  /** Everywhere that requests may go. */
  targets!: TargetEstimateDto[];
}

/** What conversations would cost. */
export class CostEstimateDto {
  /** Always `cost_estimate`. */
  object!: 'cost_estimate';
  basis!: EstimateBasisDto;
  /** In the order of `models`. */
  data!: ModelEstimateDto[];
}

/** An estimate in the form of the API. */
export function toCostEstimateDto(
  shape: ConversationShape,
  conversationsPerDay: number,
  estimates: readonly ModelEstimate[],
): CostEstimateDto {
  const tokens = tokensOf(shape);
  return {
    object: 'cost_estimate',
    basis: {
      conversations_per_day: conversationsPerDay,
      turns: shape.turns,
      system_tokens: shape.systemTokens,
      input_tokens_per_turn: shape.inputTokensPerTurn,
      output_tokens_per_turn: shape.outputTokensPerTurn,
      history: shape.sendsHistory,
      cached_share: shape.cachedShare,
      input_tokens_per_conversation: tokens.input,
      cached_input_tokens_per_conversation: tokens.cachedInput,
      output_tokens_per_conversation: tokens.output,
      days_per_month: DAYS_PER_MONTH,
    },
    data: estimates.map((estimate) => ({
      model: estimate.model,
      ...toCostFields(estimate),
      targets: estimate.targets.map((target) => ({
        provider: target.provider,
        model: target.model,
        ...toCostFields(target),
      })),
    })),
  };
}

type CostFields = Pick<TargetEstimateDto, 'priced' | 'per_conversation_usd' | 'daily_usd' | 'monthly_usd'>;

function toCostFields({ perConversationUsd, dailyUsd, monthlyUsd }: EstimatedCost): CostFields {
  return {
    priced: perConversationUsd !== null,
    per_conversation_usd: perConversationUsd === null ? null : Number(perConversationUsd),
    daily_usd: dailyUsd === null ? null : Number(dailyUsd),
    monthly_usd: monthlyUsd === null ? null : Number(monthlyUsd),
  };
}
