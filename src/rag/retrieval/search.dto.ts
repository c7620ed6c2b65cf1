import { IsIn, IsInt, IsString, Length, Matches, Max, Min } from 'class-validator';
import { Optional } from '../optional.decorator.js';
import type { JsonObject } from '../../core/json.js';

/** How a search looks: by words, by vectors, or by both. */
export const SEARCH_MODES = ['hybrid', 'dense', 'lexical'] as const;
export type SearchMode = (typeof SEARCH_MODES)[number];

/** A search. */
export class SearchRequestDto {
  /**
   * Words or a question, 1 to 4,000 characters.
   * @example what joins the switchboards
   */
  @IsString()
  @Length(1, 4_000)
  @Matches(/\S/, { message: '`query` must hold more than white space' })
  query!: string;

  /** Name or id of a collection; `default` when left out. */
  @Optional()
  @IsString()
  @Length(1, 128)
  collection?: string;

  /** How many chunks at most. */
  @Optional()
  @IsInt()
  @Min(1)
  @Max(100)
  max_results?: number;

  /** `hybrid` (both legs, the default), `dense` (vectors alone) or `lexical` (words alone). */
  @Optional()
  @IsIn(SEARCH_MODES)
  mode?: SearchMode;
}

/** A chunk that was found. */
export class SearchResultDto {
  /** The chunk's id. */
  id!: string;
  /** The document it is from. */
  document_id!: string;
  /** Where the document comes from, as the client said. */
  source!: string;
  /** The document's title. */
  title!: string | null;
  /** The chunk itself: exactly `document_text.slice(start, end)`. */
  text!: string;
  /** UTF-16 offset into the document's text. */
  start!: number;
  /** UTF-16 offset of the first unit behind it. */
  end!: number;
  /** Between 0 and 1, comparable within one answer only. */
  score!: number;
  /** The document's free fields. */
  metadata!: JsonObject;
}

/** What a search found, best first. */
export class SearchReplyDto {
  /** The chunks. */
  results!: SearchResultDto[];
}
