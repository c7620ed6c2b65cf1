import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { Allow, IsIn, IsInt, IsOptional, IsString, Max, Min } from 'class-validator';
import { ListQueryDto } from '../../http/list-query.dto.js';

const ORDER_MESSAGE = 'order must be asc or desc';
const FLAG_MESSAGE = 'must be true or false';

/** What of a stored response is wanted. */
export class StoredResponseQueryDto {
  /** Accepted for OpenAI's clients: all that is stored is shown. */
  @IsOptional()
  @Allow()
  @ApiProperty({ type: [String], required: false })
  include?: string | string[];

  /** The same as `include`. */
  @IsOptional()
  @Allow()
  @ApiProperty({ type: [String], required: false })
  'include[]'?: string | string[];

  /** `true` streams the events of a response that was created with `background: true` and `stream: true`. */
  @IsOptional()
  @ApiProperty({ type: 'boolean', required: false })
  @IsIn(['true', 'false'], { message: `stream ${FLAG_MESSAGE}` })
  stream?: string;

  /** The `sequence_number` of the last event that is known: those after it are streamed. */
  @IsOptional()
  @Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value,
  )
  @IsInt({ message: 'starting_after must be the sequence number of an event' })
  @Min(0, { message: 'starting_after must be the sequence number of an event' })
  @Max(999_999_999, { message: 'starting_after must be the sequence number of an event' })
  starting_after?: number;

  /** Accepted for OpenAI's clients; events carry no padding. */
  @IsOptional()
  @ApiProperty({ type: 'boolean', required: false })
  @IsIn(['true', 'false'], { message: `include_obfuscation ${FLAG_MESSAGE}` })
  include_obfuscation?: string;
}

/** Which page of the items of a response is wanted. */
export class InputItemsQueryDto extends ListQueryDto {
  /** `desc`, the default, begins with the newest. */
  @IsOptional()
  @IsString()
  @IsIn(['asc', 'desc'], { message: ORDER_MESSAGE })
  order: 'asc' | 'desc' = 'desc';

  /** Accepted for OpenAI's clients: all that is stored is shown. */
  @IsOptional()
  @Allow()
  @ApiProperty({ type: [String], required: false })
  include?: string | string[];

  /** The same as `include`. */
  @IsOptional()
  @Allow()
  @ApiProperty({ type: [String], required: false })
  'include[]'?: string | string[];
}
