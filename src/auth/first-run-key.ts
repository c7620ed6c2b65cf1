import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuthConfig } from '../config/auth-config.js';
import { newId } from '../core/ids.js';
import type { Scope } from '../core/principal.js';
import { recordChange, SERVER_AUTHOR } from './audit/audit-log.js';
import { lockAdminKeys } from './admin-key-lock.js';
import type { KeyOrigin } from './api-key.entity.js';
import { digestKey, issueKey, readKey } from './key-format.js';
import { DEFAULT_PROJECT_ID } from './project.entity.js';

const SCOPES: readonly Scope[] = ['admin'];

interface AdminKey {
  id: string;
  name: string;
  origin: KeyOrigin;
  key: string;
}

/** Sees to it that somebody can administer a fresh installation. */
@Injectable()
export class FirstRunKey {
  constructor(
    private readonly dataSource: DataSource,
    private readonly config: AuthConfig,
  ) {}

  /**
   * With a preset key: makes it valid, in place of the one that an earlier value made, and returns null. Without: makes
   * an admin key when the database has no key at all, and returns it for the one time that it can be shown; else null.
   * Of several replicas that start together only one makes a key.
   */
  ensure(): Promise<{ key: string } | null> {
    return this.dataSource.transaction(async (manager) => {
      await lockAdminKeys(manager);
      if (this.config.adminKey !== null) {
        await this.#ensurePreset(manager, this.config.adminKey);
        return null;
      }
      const [found] = await manager.query<{ exists: boolean }[]>(`select exists (select from api_key) as exists`);
      if (found?.exists) return null;
      const { id, key } = issueKey();
      await insertAdminKey(manager, { id, key, name: 'first start', origin: 'first-start' });
      return { key };
    });
  }

  async #ensurePreset(manager: EntityManager, key: string): Promise<void> {
    await manager.query(
      `update api_key set revoked_at = now() where origin = 'preset' and revoked_at is null and key_hash <> $1`,
      [digestKey(Buffer.from(key))],
    );
    const id = await this.#freeId(manager, key);
    await insertAdminKey(manager, { id, key, name: 'preset', origin: 'preset' });
  }

  // The id that a key of our own form has; a new one for any other, and for a secret that a key had before its rotation.
  async #freeId(manager: EntityManager, key: string): Promise<string> {
    const reading = readKey(key);
    if (reading.kind !== 'ours') return newId('key_');
    const [row] = await manager.query<unknown[]>('select 1 from api_key where id = $1 and key_hash <> $2', [
      reading.id,
      digestKey(Buffer.from(key)),
    ]);
    return row === undefined ? reading.id : newId('key_');
  }
}

/** A new admin key of the default project, for somebody who lost every other; shown once. */
export function recoverAdminKey(dataSource: DataSource): Promise<{ id: string; key: string }> {
  return dataSource.transaction(async (manager) => {
    await lockAdminKeys(manager);
    const { id, key } = issueKey();
    await insertAdminKey(manager, { id, key, name: 'recovered', origin: 'admin' });
    return { id, key };
  });
}

// A preset may be a key that is there already, made in another way or revoked: it is made whole again.
async function insertAdminKey(manager: EntityManager, key: AdminKey): Promise<void> {
  const [row] = await manager.query<{ is_new: boolean }[]>(
    `insert into api_key (id, project_id, name, key_hash, scopes, origin) values ($1, $2, $3, $4, $5, $6)
     on conflict (key_hash) do update
       set scopes = excluded.scopes, origin = excluded.origin, expires_at = null, revoked_at = null
     returning xmax::text = '0' as is_new`,
    [key.id, DEFAULT_PROJECT_ID, key.name, digestKey(Buffer.from(key.key)), SCOPES, key.origin],
  );
  if (!row?.is_new) return;
  const changes = { name: key.name, scopes: [...SCOPES], origin: key.origin };
  await recordChange(manager, SERVER_AUTHOR, { action: 'key.create', target: key.id, changes });
}
