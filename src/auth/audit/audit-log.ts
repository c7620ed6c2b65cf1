import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { EntityManager, Repository } from 'typeorm';
import { newId } from '../../core/ids.js';
import type { JsonObject } from '../../core/json.js';
import { listNewest, type Page, type PageRequest } from '../list-newest.js';
import { AuditEntryEntity } from './audit-entry.entity.js';

/** Who asked for a change, and from where. */
export interface ChangeAuthor {
  /** The id of a key. */
  readonly actor: string;
  readonly address: string | null;
  readonly requestId: string | null;
}

/** What the server does by itself. */
export const SERVER_AUTHOR: ChangeAuthor = { actor: 'server', address: null, requestId: null };

export interface AuditedChange {
  readonly action: string;
  readonly target: string;
  /** Nothing secret may be in here. */
  readonly changes: JsonObject;
}

export interface AuditQuery extends PageRequest {
  readonly actor?: string;
  readonly target?: string;
}

/** Who changed what, when and from where. */
@Injectable()
export class AuditLog {
  constructor(@InjectRepository(AuditEntryEntity) private readonly entries: Repository<AuditEntryEntity>) {}

  /** For a change that was made in no transaction; `recordChange` for one that was. */
  async record(author: ChangeAuthor, change: AuditedChange): Promise<void> {
    await recordChange(this.entries.manager, author, change);
  }

  /** Throws `invalid_cursor`. */
  list({ actor, target, ...page }: AuditQuery): Promise<Page<AuditEntryEntity>> {
    return listNewest(this.entries, page, {
      ...(actor !== undefined && { actor }),
      ...(target !== undefined && { target }),
    });
  }

  /** Forgets entries that are older than this; resolves to how many. */
  async forget(olderThanDays: number): Promise<number> {
    const [, count] = await this.entries.query<[unknown, number]>(
      `delete from audit_entry where created_at < now() - make_interval(days => $1)`,
      [olderThanDays],
    );
    return count;
  }
}

/** Written in the transaction of the change, so that there is neither without the other. */
export async function recordChange(manager: EntityManager, author: ChangeAuthor, change: AuditedChange): Promise<void> {
  await manager.query(
    `insert into audit_entry (id, actor, address, request_id, action, target, changes)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      newId('aud_'),
      author.actor,
      author.address,
      author.requestId,
      change.action,
      change.target,
      JSON.stringify(change.changes),
    ],
  );
}

/** What differs between two states, as `{ field: { from, to } }`; `before` is null for what is new. */
export function differenceOf(before: JsonObject | null, after: JsonObject): JsonObject {
  const changes: JsonObject = {};
  for (const [field, to] of Object.entries(after)) {
    const from = before?.[field] ?? null;
    if (JSON.stringify(from) !== JSON.stringify(to)) changes[field] = { from, to };
  }
  return changes;
}
