import { IsObject, IsString, Length, Matches, MaxLength, MinLength } from 'class-validator';
import { Optional } from '../optional.decorator.js';
import type { JsonObject } from '../../core/json.js';
import { DOCUMENT_ID_PATTERN } from '../documents/document-id.js';

/** A document to index. */
export class IndexRequestDto {
  /**
   * The text, plain or Markdown, at least 10 characters; as long as a request body may be.
   * @example Trunk lines join the switchboards of a telephone network.
   */
  @IsString()
  @MinLength(10)
  content!: string;

  /**
   * Where it comes from: a path, a URL, a name. Indexing other content of the same source replaces what was there.
   * @example handbook/lines.md
   */
  @IsString()
  @Length(1, 2_000)
  source!: string;

  /** The title, indexed with every chunk. */
  @Optional()
  @IsString()
  @MaxLength(1_000)
  title?: string;

  /**
   * Language of the text, as a code or an English name; detected when left out.
   * @example en
   */
  @Optional()
  @IsString()
  @MaxLength(40)
  language?: string;

  /** Free fields of the client, returned with every result. */
  @Optional()
  @IsObject()
  metadata?: JsonObject;

  /**
   * Name or id of a collection; `default` exists from its first use.
   * @example default
   */
  @Optional()
  @IsString()
  @Length(1, 128)
  collection?: string;

  /**
   * The document's own id, unique in the project; other content under the same id is a new version.
   * @example lines-2026
   */
  @Optional()
  @IsString()
  @Matches(DOCUMENT_ID_PATTERN, { message: '`document_id` must be 1 to 128 letters, digits, `.`, `_`, `:` or `-`' })
  document_id?: string;
}

/** What happens with the document. */
export class IndexReplyDto {
  /** `queued` with a job, or `unchanged` when just this content is indexed or being indexed already. */
  status!: 'queued' | 'unchanged';
  /** The job to ask for progress; null when nothing is to be done. */
  job_id!: string | null;
  /** The document's id. */
  document_id!: string;
}
