import type { EntityManager } from 'typeorm';
import { AppError } from '../core/errors/app-error.js';

/** A key that can administer now. */
export interface AdminKey {
  readonly id: string;
  /** True when it does not expire. */
  readonly isLasting: boolean;
}

/** The keys that can administer now; inside of a transaction that holds the lock nobody else changes them. */
export async function findAdminKeys(manager: EntityManager): Promise<AdminKey[]> {
  const rows = await manager.query<{ id: string; is_lasting: boolean }[]>(
    `select api_key.id, api_key.expires_at is null as is_lasting
       from api_key join project on project.id = api_key.project_id
      where 'admin' = any(api_key.scopes) and api_key.revoked_at is null and project.disabled_at is null
        and (api_key.expires_at is null or api_key.expires_at > clock_timestamp())`,
  );
  return rows.map((row) => ({ id: row.id, isLasting: row.is_lasting }));
}

/**
 * Throws `last_admin_key` when nobody could administer after a change who could before it: the last key that does not
 * expire has to stay, and where there is none the last one that can be used.
 */
export function assertSomebodyIsLeft(before: readonly AdminKey[], after: readonly AdminKey[]): void {
  const isLeft = before.some((key) => key.isLasting)
    ? after.some((key) => key.isLasting)
    : before.length === 0 || after.length > 0;
  if (isLeft) return;
  throw new AppError(
    'last_admin_key',
    'This would take away the last admin key that does not expire, and nobody could administer. Make another one first.',
  );
}
