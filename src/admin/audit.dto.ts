import { IsOptional, IsString, Length } from 'class-validator';
import type { AuditEntryEntity } from '../auth/audit/audit-entry.entity.js';
import { ListQueryDto } from '../http/list-query.dto.js';

/** Which entries of the audit log are wanted. */
export class AuditQueryDto extends ListQueryDto {
  /** Only what was done with this key (its id). */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  actor?: string;

  /** Only what was done to this key, project or provider (its id, or a provider's name). */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  target?: string;
}

/** One change that an administrator made. */
export class AuditEntryDto {
  /** @example "aud_01J9ZK6X4T8Q2M5V7W3Y0B1C" */
  id!: string;
  /** When (RFC 3339). */
  created_at!: string;
  /** The id of the key that was used, `jwt:...` for the bearer of a token, or `server` for what a start did by itself. */
  actor!: string;
  /** The client's address; null for the server itself. */
  address!: string | null;
  /** The id of the request, as in the log; null for the server itself. */
  request_id!: string | null;
  /** @example "key.rotate" */
  action!: string;
  /** The id of the key or project, or the name of the provider. */
  target!: string;
  /**
   * Each field that changed, with its value before and after; secrets are never in here.
   * @example { "name": { "from": "old", "to": "new" } }
   */
  changes!: Record<string, unknown>;
}

/** A page of the audit log, newest first. */
export class AuditListDto {
  /** Always `list`. */
  object!: 'list';
  data!: AuditEntryDto[];
  /** Whether there are older entries. */
  has_more!: boolean;
  first_id!: string | null;
  /** What `after` takes to get the next page. */
  last_id!: string | null;
}

/** Shows an entry to administrators. */
export function toAuditEntryDto(entry: AuditEntryEntity): AuditEntryDto {
  return {
    id: entry.id,
    created_at: entry.createdAt.toISOString(),
    actor: entry.actor,
    address: entry.address,
    request_id: entry.requestId,
    action: entry.action,
    target: entry.target,
    changes: entry.changes,
  };
}
