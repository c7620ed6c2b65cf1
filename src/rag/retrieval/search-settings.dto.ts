import { Type } from 'class-transformer';
import { IsIn, IsInt, IsObject, Max, Min, ValidateNested } from 'class-validator';
import type { JsonObject } from '../../core/json.js';
import { Optional } from '../optional.decorator.js';
import { SEARCH_MODES, type SearchMode } from './retrieval-options.js';
import { FusionDto, MmrDto, RerankDto } from './retrieval-settings.dto.js';
import { TrueOrSettings } from './true-or-settings.decorator.js';

/** How a search goes about it: what a request says, and what an evaluation compares. */
export abstract class SearchSettingsDto {
  /** `hybrid` (both legs, the default), `dense` (vectors alone) or `lexical` (words alone). */
  @Optional()
  @IsIn(SEARCH_MODES)
  mode?: SearchMode;

  /**
   * Which documents are searched: `and`, `or`, `not`, `eq`, `ne`, `in`, `gt`, `gte`, `lt`, `lte` and `exists` on
   * `metadata.KEY`, `source`, `document_id`, `title`, `language` and `created_at`.
   * @example { "and": [{ "eq": ["metadata.topic", "birds"] }, { "gte": ["created_at", "2026-01-01"] }] }
   */
  @Optional()
  @IsObject()
  filter?: JsonObject;

  /** How the two legs are joined, in mode `hybrid`. */
  @Optional()
  @IsObject()
  @ValidateNested()
  @Type(() => FusionDto)
  fusion?: FusionDto;

  /** Judges the best candidates anew by a model; `{}` or `true` takes the defaults. When it cannot answer, the result has a warning. */
  @TrueOrSettings(RerankDto)
  rerank?: RerankDto;

  /** Prefers results that are unlike each other (maximal marginal relevance); `{}` or `true` takes the defaults. */
  @TrueOrSettings(MmrDto)
  mmr?: MmrDto;

  /** How many chunks of one document at most. */
  @Optional()
  @IsInt()
  @Min(1)
  @Max(100)
  max_per_document?: number;
}
