import {
  ArrayMaxSize,
  ArrayNotEmpty,
  ArrayUnique,
  IsArray,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Length,
  Matches,
  Max,
  Min,
  ValidateIf,
} from 'class-validator';
import type { ApiKeyRecord, KeyChanges } from '../auth/api-keys.service.js';
import { SCOPES, type Scope } from '../core/principal.js';
import { ShownBudgetDto, toShownBudget, toWantedBudgets } from './key-budget.dto.js';
import { ShownLimitsDto, toLimitChanges, toShownLimits } from './key-limits.dto.js';
import { KeyTermsDto } from './key-terms.dto.js';

/** The longest time that two secrets of a key may work beside each other. */
const MOST_OVERLAP_SECONDS = 30 * 24 * 3600;

/** A key to be made. */
export class CreateKeyDto extends KeyTermsDto {
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
  project_id?: string | null;

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
  scopes?: Scope[] | null;
}

/** A change of a key; what is absent stays as it is. */
export class ChangeKeyDto extends KeyTermsDto {
  /**
   * What people call the key.
   * @example "billing service"
   */
  @ValidateIf((_key, name) => name !== undefined)
  @IsString()
  @Length(1, 200)
  @Matches(/\S/, { message: 'name must not be blank' })
  name?: string;

  /**
   * What it may be used for.
   * @example ["chat", "rag"]
   */
  @ValidateIf((_key, scopes) => scopes !== undefined)
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(SCOPES.length)
  @ArrayUnique()
  @IsIn(SCOPES, { each: true })
  scopes?: Scope[];
}

/** How a key gets a new secret. */
export class RotateKeyDto {
  /**
   * How long the secret until now goes on working; 0, also when absent, ends it at once.
   * @example 3600
   */
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(MOST_OVERLAP_SECONDS)
  overlap_seconds?: number | null;
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
  /** Names and patterns of the models it may use; null means all. */
  models!: string[] | null;
  /** What may be asked for with it; null when nothing is limited. Limits of its project hold besides. */
  limits!: ShownLimitsDto | null;
  /** What may be spent with it. Budgets of its project hold besides. */
  budgets!: ShownBudgetDto[];
  /** When it stops working (RFC 3339); null means never. */
  expires_at!: string | null;
  /** When it was made (RFC 3339). */
  created_at!: string;
  /** When it was revoked (RFC 3339); null while it was not. */
  revoked_at!: string | null;
  /** When it got the secret it has now (RFC 3339); null while it has its first. */
  rotated_at!: string | null;
  /** Until when a secret that it had before may still work (RFC 3339); null when none does. */
  old_secret_until!: string | null;
}

/** A key that was made just now, or got a new secret. */
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

/** What a body says about the use of a key: absent stays absent, null stays null. */
export function toKeyTerms(body: KeyTermsDto): Pick<KeyChanges, 'models' | 'limits' | 'budgets' | 'expiresAt'> {
  return {
    models: body.models,
    limits: toLimitChanges(body.limits),
    budgets: toWantedBudgets(body.budgets),
    expiresAt: body.expires_at ? new Date(body.expires_at) : (body.expires_at as null | undefined),
  };
}

/** Shows a key to administrators; neither secret nor hash can get in. */
export function toKeyDto({ key, budgets }: ApiKeyRecord): KeyDto {
  return {
    id: key.id,
    name: key.name,
    project_id: key.projectId,
    scopes: key.scopes,
    models: key.models,
    limits: toShownLimits(key),
    budgets: budgets.map(toShownBudget),
    expires_at: key.expiresAt?.toISOString() ?? null,
    created_at: key.createdAt.toISOString(),
    revoked_at: key.revokedAt?.toISOString() ?? null,
    rotated_at: key.rotatedAt?.toISOString() ?? null,
    old_secret_until: key.oldSecretUntil?.toISOString() ?? null,
  };
}
