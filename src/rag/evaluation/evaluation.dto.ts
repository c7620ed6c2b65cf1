import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsDefined,
  IsObject,
  IsString,
  Length,
  ValidateNested,
} from 'class-validator';
import type { JsonValue } from '../../core/json.js';
import { Optional } from '../optional.decorator.js';
import { SearchSettingsDto } from '../retrieval/search-settings.dto.js';

/** One way to search, to be compared with others; the fields are those of `/v1/search`. */
export class EvaluationSettingDto extends SearchSettingsDto {
  /**
   * What the result calls it; made of its place when left out.
   * @example words alone
   */
  @Optional()
  @IsString()
  @Length(1, 100)
  name?: string;
}

/** Queries with the documents that they should find. */
export class EvaluateRequestDto {
  /** Up to 2,000 queries: a list as in BEIR's `queries.jsonl`, or, up to 256, an object of texts by id. */
  @ApiProperty({
    oneOf: [
      {
        type: 'array',
        items: {
          type: 'object',
          required: ['_id', 'text'],
          properties: { _id: { type: 'string' }, text: { type: 'string' } },
        },
      },
      { type: 'object', additionalProperties: { type: 'string' } },
    ],
    example: [{ _id: 'q1', text: 'What joins the switchboards?' }],
  })
  @IsDefined()
  queries!: JsonValue;

  /**
   * Which documents are relevant, and how much: a list of up to 20,000 rows as in BEIR's `qrels`, or an object of scores by
   * query and document. Documents are named by their id or their source; a score of 0 is not relevant.
   */
  @ApiProperty({
    oneOf: [
      {
        type: 'array',
        items: {
          type: 'object',
          required: ['query-id', 'corpus-id', 'score'],
          properties: { 'query-id': { type: 'string' }, 'corpus-id': { type: 'string' }, score: { type: 'number' } },
        },
      },
      { type: 'object', additionalProperties: { type: 'object', additionalProperties: { type: 'number' } } },
    ],
    example: [{ 'query-id': 'q1', 'corpus-id': 'handbook/lines.md', score: 1 }],
  })
  @IsDefined()
  qrels!: JsonValue;

  /** Up to 8 ways to search; the three modes when left out. */
  @Optional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(8)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => EvaluationSettingDto)
  settings?: EvaluationSettingDto[];
}

/** Where the result will be. */
export class EvaluateReplyDto {
  /** Always `queued`. */
  status!: 'queued';
  /**
   * The job to ask for progress. Its result holds `ndcg_at_10`, `recall_at_100`, `mrr_at_10` and times per setting.
   * @example job_0123456789ABCDEFGHJKMNPQ
   */
  job_id!: string;
}
