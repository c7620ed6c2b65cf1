import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import type { StoredFile } from './stored-file.js';

const MOST_OF_A_PAGE = 10_000;
const RANGE_MESSAGE = `\`limit\` must be a whole number from 1 to ${String(MOST_OF_A_PAGE)}`;

/** Which files are wanted. */
export class FileListQueryDto {
  /** Only files for this purpose. */
  @IsOptional()
  @IsString()
  @MaxLength(64)
  purpose?: string;

  /** How many files at most. */
  @IsOptional()
  @Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^-?\d{1,9}$/.test(value) ? Number(value) : value,
  )
  @IsInt({ message: RANGE_MESSAGE })
  @Min(1, { message: RANGE_MESSAGE })
  @Max(MOST_OF_A_PAGE, { message: RANGE_MESSAGE })
  limit = MOST_OF_A_PAGE;

  /** The `last_id` of the page before. */
  @IsOptional()
  @IsString()
  after?: string;

  /** By their creation, newest first unless it is `asc`. */
  @IsOptional()
  @IsIn(['asc', 'desc'])
  order: 'asc' | 'desc' = 'desc';
}

/** An upload as a form. */
export class UploadFileDto {
  @ApiProperty({ type: 'string', format: 'binary' })
  file!: unknown;

  /** What it is for; `batch` for the input of a batch. */
  purpose!: 'assistants' | 'batch' | 'evals' | 'fine-tune' | 'user_data' | 'vision';

  /** When it is deleted by itself: `expires_after[anchor]` is `created_at`, `expires_after[seconds]` 3600 to 2592000. */
  @ApiPropertyOptional({ type: 'object', additionalProperties: true })
  expires_after?: { anchor: 'created_at'; seconds: number };
}

/** A file, without its content. */
export class FileDto {
  /** @example "file-0123456789ABCDEFGHJKMNPQ" */
  id!: string;

  object!: 'file';

  /** Its size. */
  bytes!: number;

  /** When it was made (Unix seconds). */
  created_at!: number;

  /** When it is deleted by itself (Unix seconds); missing when it is not. */
  expires_at?: number;

  filename!: string;

  purpose!: string;

  /** Always `processed`: a file is seen when it is whole. */
  status!: 'processed';
}

/** A page of files. */
export class FileListDto {
  object!: 'list';

  data!: FileDto[];

  has_more!: boolean;

  first_id!: string | null;

  last_id!: string | null;
}

/** A file that was deleted. */
export class DeletedFileDto {
  id!: string;

  object!: 'file';

  deleted!: true;
}

/** A file as OpenAI's clients know it. */
export function toFileDto(file: StoredFile): FileDto {
  const { id, bytes, createdAt, expiresAt, name, purpose } = file;
  return {
    ...{
      id,
      object: 'file',
      bytes,
      created_at: toUnixSeconds(createdAt),
      filename: name,
      purpose,
      status: 'processed',
    },
    ...(expiresAt && { expires_at: toUnixSeconds(expiresAt) }),
  };
}

function toUnixSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1_000);
}
