import { IsBoolean, IsInt, IsString, Length, Matches, Max, Min } from 'class-validator';
import type { JsonObject } from '../../core/json.js';
import { Optional } from '../optional.decorator.js';
import { HitExplanationDto, SearchExplanationDto } from './explanation.dto.js';
import { SearchSettingsDto } from './search-settings.dto.js';

/** A search. */
export class SearchRequestDto extends SearchSettingsDto {
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

  /** How many chunks before and after each result come along, 0 to 3. */
  @Optional()
  @IsInt()
  @Min(0)
  @Max(3)
  neighbours?: number;

  /** Whether the answer says how it came about. */
  @Optional()
  @IsBoolean()
  explain?: boolean;
}

/** A chunk beside a result. */
export class NeighbourDto {
  /** The chunk's id. */
  id!: string;
  /** Exactly `document_text.slice(start, end)`. */
  text!: string;
  /** UTF-16 offset into the document's text. */
  start!: number;
  /** UTF-16 offset of the first unit behind it. */
  end!: number;
  /** The page it begins on, from 1; null for formats without pages. */
  page!: number | null;
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
  /** The page it begins on, from 1; missing for formats without pages. */
  page?: number;
  /** Between 0 and 1, comparable within one answer only. */
  score!: number;
  /** The document's free fields. */
  metadata!: JsonObject;
  /** The chunks beside it that are no results themselves, in the document's order; when `neighbours` asks for them. */
  neighbours?: NeighbourDto[];
  /** How it came to its place; when `explain` asks for it. */
  explain?: HitExplanationDto;
}

/** What a search found, best first. */
export class SearchReplyDto {
  /** The chunks. */
  results!: SearchResultDto[];
  /** What could not be done as asked; missing when there is nothing to say. */
  warnings?: string[];
  /** How the search went about it; when `explain` asks for it. */
  explain?: SearchExplanationDto;
}
