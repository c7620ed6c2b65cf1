/** What a model can do, as far as known. */
export class ModelCapabilitiesDto {
  streaming!: boolean;
  tools!: boolean;
  /** Understands images. */
  vision!: boolean;
  /** Can be held to a JSON Schema. */
  json_schema!: boolean;
  reasoning!: boolean;
  prompt_caching!: boolean;
}

/** USD per million tokens. */
export class ModelPricingDto {
  input!: number;
  output!: number;
  /** Input that the provider had in its prompt cache; null when it costs what input does, or nothing is known. */
  cached_input!: number | null;
}

/** One model that can be asked for by its id. */
export class ModelDto {
  /** An alias, or `provider/model`. */
  id!: string;
  /** Always `model`. */
  object!: 'model';
  /** Unix seconds. */
  created!: number;
  /** The provider's name; `trunkline` for aliases. */
  owned_by!: string;
  /** What it is for: `chat`, `embedding` or `other`. */
  kind!: string;
  /** Other names that may lead here. */
  aliases!: string[];
  /** Where requests go, in order of preference, as `provider/model`. */
  targets!: string[];
  /** Tokens of prompt and answer together; null when not known. */
  context_window!: number | null;
  /** Tokens of the longest answer; null when not known. */
  max_output_tokens!: number | null;
  /** Length of an embedding model's vectors; null for others. */
  dimensions!: number | null;
  /** Null when not known. */
  capabilities!: ModelCapabilitiesDto | null;
  /** Null when not known: such a model is never counted as free. */
  pricing!: ModelPricingDto | null;
}

/** Every model with a name here. */
export class ModelListDto {
  /** Always `list`. */
  object!: 'list';
  data!: ModelDto[];
}
