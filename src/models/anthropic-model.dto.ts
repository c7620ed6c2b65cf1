/** One model as Anthropic describes its own. */
export class AnthropicModelDto {
  /** Always `model`. */
  type!: 'model';
  /** An alias, or `provider/model`. */
  id!: string;
  /** The id again: models have no other names here. */
  display_name!: string;
  /** RFC 3339. */
  created_at!: string;
  /** Tokens of prompt and answer together; null when not known. */
  max_input_tokens!: number | null;
  /** Tokens of the longest answer; null when not known. */
  max_tokens!: number | null;
  /** Null: told in other words than Anthropic's by `/v1/models` without `anthropic-version`. */
  capabilities!: object | null;
  /** Always null. */
  deprecated_at!: string | null;
  /** Always null. */
  retires_at!: string | null;
  /** Always null. */
  line!: object | null;
  /** Always `active`. */
  lifecycle!: 'active';
}

/** A page of chat models as Anthropic lists its own. */
export class AnthropicModelListDto {
  data!: AnthropicModelDto[];
  /** Whether there are more in the direction that was asked for. */
  has_more!: boolean;
  first_id!: string | null;
  last_id!: string | null;
}
