import { Transform } from 'class-transformer';
import { ApiProperty } from '@nestjs/swagger';
import { IsObject, IsString, Length, Matches, MaxLength } from 'class-validator';
import type { JsonObject } from '../../core/json.js';
import { roundNumbers } from '../../core/exact-json.js';
import { parseJson } from '../../http/body/parse-json.js';
import { DOCUMENT_ID_PATTERN } from '../documents/document-id.js';
import { Optional } from '../optional.decorator.js';

/** The fields of an upload besides its files; all of them may be left out. */
export class UploadFieldsDto {
  /** Name or id of a collection; `default` exists from its first use. */
  @Optional()
  @IsString()
  @Length(1, 128)
  collection?: string;

  /** Free fields of the client as a JSON object, returned with every result; the same for all files. */
  @ApiProperty({ type: String, required: false, example: '{"topic":"lines"}' })
  @Optional()
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? parseMetadata(value) : value))
  @IsObject({ message: '`metadata` must be a JSON object' })
  metadata?: JsonObject;

  /** Language of the text, as a code or an English name; detected when left out. */
  @Optional()
  @IsString()
  @MaxLength(40)
  language?: string;

  /** Where the file comes from; its name when left out. For one file only. */
  @Optional()
  @IsString()
  @Length(1, 2_000)
  source?: string;

  /** The title; the one that the document gives itself when left out. For one file only. */
  @Optional()
  @IsString()
  @MaxLength(1_000)
  title?: string;

  /** The document's own id, unique in the project. For one file only. */
  @Optional()
  @IsString()
  @Matches(DOCUMENT_ID_PATTERN, { message: '`document_id` must be 1 to 128 letters, digits, `.`, `_`, `:` or `-`' })
  document_id?: string;
}

/** An upload as a form. */
export class UploadRequestDto extends UploadFieldsDto {
  /** Text, Markdown, HTML, PDF, Word (.docx), CSV, JSON or JSON lines; the name must not say something else than the content. */
  @ApiProperty({ type: 'array', items: { type: 'string', format: 'binary' } })
  file!: unknown[];
}

/** What happens with one of several files. */
export class UploadedFileDto {
  /** `queued` with a job, or `unchanged` when just this content is indexed or being indexed already. */
  status!: 'queued' | 'unchanged';
  /** The job to ask for progress; null when nothing is to be done. */
  job_id!: string | null;
  /** The document's id. */
  document_id!: string;
  /** The file's name without folders. */
  file_name!: string;
}

/** What happens with several files, in the order they came. */
export class UploadedFilesDto {
  /** Always `list`. */
  object!: 'list';
  /** One for each file. */
  data!: UploadedFileDto[];
}

// What is no JSON is no object either, and refused as that.
function parseMetadata(text: string): unknown {
  return roundNumbers(parseJson(Buffer.from(text, 'utf8')));
}
