import { IsIn, IsInt, IsNumber, IsString, Length, Max, Min } from 'class-validator';
import { Optional } from '../optional.decorator.js';
import { FUSION_METHODS, type FusionMethod } from './retrieval-options.js';

/** How the legs are joined; what is left out is as measured for the collection's embedding model. */
export class FusionDto {
  /** `scores` (the default) adds the scores of the legs, each measured against its best; `rrf` adds reciprocal ranks. */
  @Optional()
  @IsIn(FUSION_METHODS)
  method?: FusionMethod;

  /**
   * What the dense leg counts, 0 to 1; the lexical leg counts the rest.
   * @example 0.5
   */
  @Optional()
  @IsNumber()
  @Min(0)
  @Max(1)
  dense_weight?: number;

  /**
   * `rrf` only: the larger, the less the first ranks stand out; 60 when left out.
   * @example 60
   */
  @Optional()
  @IsInt()
  @Min(1)
  @Max(1_000)
  k?: number;
}

/** Who judges the best candidates anew. */
export class RerankDto {
  /**
   * A rerank model, or a chat model; the configured default when left out.
   * @example cohere/rerank-v3.5
   */
  @Optional()
  @IsString()
  @Length(1, 200)
  model?: string;

  /** How many of the best candidates are judged; as many as results at least. 50 when left out, 20 for a chat model. */
  @Optional()
  @IsInt()
  @Min(1)
  @Max(100)
  candidates?: number;
}

/** Results that are relevant and unlike each other. */
export class MmrDto {
  /**
   * What relevance counts against being different, 0 to 1; 0.7 when left out.
   * @example 0.7
   */
  @Optional()
  @IsNumber()
  @Min(0)
  @Max(1)
  lambda?: number;
}
