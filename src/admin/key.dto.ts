import {
  ArrayMaxSize,
  ArrayNotEmpty,
  ArrayUnique,
  IsArray,
  IsIn,
  IsISO8601,
  IsOptional,
  IsRFC3339,
  IsString,
  Length,
  Matches,
} from 'class-validator';
import type { ApiKeyEntity } from '../auth/api-key.entity.js';
import { SCOPES, type Scope } from '../core/principal.js';

/** A key to be made. */
export class CreateKeyDto {
  /**
   * What people call the key.
   * @example "billing service"
   */
  @IsString()
  @Length(1, 200)
  @Matches(/\S/, { message: 'name must not be blank' })
  name!: string;

  /**
   * The project it acts in; the default project when absent.
   * @example "proj_default"
   */
  @IsOptional()
  @IsString()
  @Length(1, 100)
  project_id?: string;

  /**
   * What it may be used for; all but `admin` when absent.
   * @example ["chat", "rag"]
   */
  @IsOptional()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(SCOPES.length)
  @ArrayUnique()
  @IsIn(SCOPES, { each: true })
  scopes?: Scope[];

  /**
   * When it stops working (RFC 3339, in the future); never when absent.
   * @example "2030-01-01T00:00:00Z"
   */
  @IsOptional()
  @IsRFC3339()
  @IsISO8601({ strict: true })
  expires_at?: string;
}

/** A key without its secret, which nothing can show again. */
export class KeyDto {
  /** @example "key_01J9ZK6X4T8Q2M5V7W3Y0B1C" */
  id!: string;
  /** What people call the key. */
  name!: string;
  /** The project it acts in. */
  project_id!: string;
  /** What it may be used for; `admin` holds all. */
  scopes!: Scope[];
  /** When it stops working (RFC 3339); null means never. */
  expires_at!: string | null;
  /** When it was made (RFC 3339). */
  created_at!: string;
  /** When it was revoked (RFC 3339); null while it was not. */
  revoked_at!: string | null;
}

/** A key that was made just now. */
export class CreatedKeyDto extends KeyDto {
  /** The key itself, shown this once. */
  key!: string;
}

/** A page of keys, newest first. */
export class KeyListDto {
  /** Always `list`. */
  object!: 'list';
  data!: KeyDto[];
  /** Whether there are older keys. */
  has_more!: boolean;
  first_id!: string | null;
  /** What `after` takes to get the next page. */
  last_id!: string | null;
}

/** Shows a key to administrators; neither secret nor hash can get in. */
export function toKeyDto(key: ApiKeyEntity): KeyDto {
  return {
    id: key.id,
    name: key.name,
    project_id: key.projectId,
    scopes: key.scopes,
    expires_at: key.expiresAt?.toISOString() ?? null,
    created_at: key.createdAt.toISOString(),
    revoked_at: key.revokedAt?.toISOString() ?? null,
  };
}
