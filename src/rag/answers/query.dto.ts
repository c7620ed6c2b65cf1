import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsString,
  Length,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import type { JsonObject } from '../../core/json.js';
import { Optional } from '../optional.decorator.js';
import { RerankDto } from '../retrieval/retrieval-settings.dto.js';
import { SearchResultDto } from '../retrieval/search.dto.js';
import { TrueOrSettings } from '../retrieval/true-or-settings.decorator.js';

/** An earlier turn of the conversation. */
export class HistoryTurnDto {
  /** Who spoke. */
  @IsIn(['user', 'assistant'])
  role!: 'user' | 'assistant';

  /** What was said. */
  @IsString()
  @Length(1, 20_000)
  content!: string;
}

/** A question about the documents of a collection. */
export class QueryRequestDto {
  /**
   * The question, 3 to 2,000 characters.
   * @example What joins the switchboards?
   */
  @IsString()
  @Length(3, 2_000)
  @Matches(/\S/, { message: '`question` must hold more than white space' })
  question!: string;

  /** Name or id of a collection; `default` when left out. */
  @Optional()
  @IsString()
  @Length(1, 128)
  collection?: string;

  /** How many chunks the answer may draw on. */
  @Optional()
  @IsInt()
  @Min(1)
  @Max(20)
  max_results?: number;

  /**
   * Which documents may answer, as in a search.
   * @example { "eq": ["metadata.topic", "birds"] }
   */
  @Optional()
  @IsObject()
  filter?: JsonObject;

  /** Judges the best candidates anew by a model, as in a search; `{}` or `true` takes the defaults. */
  @TrueOrSettings(RerankDto)
  rerank?: RerankDto;

  /** `true` for server-sent events. */
  @Optional()
  @IsBoolean()
  stream?: boolean;

  /** The model that answers; the configured default when left out. */
  @Optional()
  @IsString()
  @Length(1, 200)
  model?: string;

  /**
   * Earlier turns, oldest first. A language model makes a follow-up question understandable by itself; without one it is
   * searched together with the last question of the user.
   */
  @Optional()
  @IsArray()
  @ArrayMaxSize(50)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => HistoryTurnDto)
  history?: HistoryTurnDto[];

  /**
   * A stored conversation to go on with, in the place of `history`: its texts are the earlier turns, and the question and
   * its answer become the next one.
   */
  @Optional()
  @IsString()
  conversation_id?: string;

  /** Added to what the model is told, e.g. about tone or length. */
  @Optional()
  @IsString()
  @MaxLength(4_000)
  instructions?: string;
}

/** A chunk that the answer could draw on. */
export class SourceDto extends SearchResultDto {
  /** The number that citations name, from 1. */
  n!: number;
}

/** A statement of the answer and the passage it stands on. */
export class CitationDto {
  /** The source's number. */
  n!: number;
  /** Where the cited statement begins in the answer, in UTF-16 units. */
  answer_start!: number;
  /** Where its marker `[n]` ends. */
  answer_end!: number;
  /** The chunk's id. */
  source_id!: string;
  /** The document it is from. */
  document_id!: string;
  /** The passage: exactly `document_text.slice(start, end)`. */
  quote!: string;
  /** UTF-16 offset into the document's text. */
  start!: number;
  /** UTF-16 offset of the first unit behind it. */
  end!: number;
  /** The page that the passage begins on, from 1; left out for formats without pages. */
  page?: number;
  /** Whether the words, names and numbers of the statement stand in the source, and the passage does not deny them. */
  supported!: boolean;
}

/** Tokens of an answer. */
export class QueryUsageDto {
  /** All prompt tokens, cached ones included. */
  input_tokens!: number;
  /** All completion tokens, reasoning included. */
  output_tokens!: number;
  /** Prompt tokens that the provider read from its cache. */
  cached_input_tokens!: number;
  /** Completion tokens spent on thinking. */
  reasoning_tokens!: number;
  /** Input and output together. */
  total_tokens!: number;
}

/** An answer with its sources. */
export class QueryReplyDto {
  /** The answer with `[n]` markers, or the text that says that there is none. */
  answer!: string;
  /** Whether the documents answered; false also when the model said that they do not, refused or said nothing. */
  answered!: boolean;
  /** Why there is no answer: the documents hold none, or the model refused or said nothing. */
  reason?: 'no_relevant_context' | 'no_answer';
  /** How likely it is that the documents hold an answer, 0..1; below the configured value no model is asked. */
  confidence!: number;
  /** The citations in the order of the answer; empty when a model cited nothing. */
  citations!: CitationDto[];
  /** The chunks that were given to the model, numbered. */
  sources!: SourceDto[];
  /** What was searched for: the question, and with a conversation what it was rewritten to or the turn before it. */
  queries!: string[];
  /** What did not go as it should have: a follow-up that was not rewritten, an answer that was cut off. */
  warnings?: string[];
  /** All tokens of the call. */
  tokens_used!: number;
  /** The same by class, the embedding of the question included. */
  usage!: QueryUsageDto;
  /** What the call cost in USD; null when the model has no price. */
  cost_usd!: number | null;
  /** From the request's arrival to the end of the answer. */
  latency_ms!: number;
  /** The provider's own name of the model that answered; null when none was asked. */
  model!: string | null;
  /** The provider that answered; null when none was asked. */
  provider!: string | null;
  /** The conversation that keeps the turn; left out when none does. */
  conversation_id?: string;
  /** The request's id. */
  request_id!: string;
}
