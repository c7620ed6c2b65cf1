import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuthConfig } from '../config/auth-config.js';
import { newId } from '../core/ids.js';
import type { Scope } from '../core/principal.js';
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
      await this.#insert(manager, { id, key, name: 'first start', origin: 'first-start' });
      return { key };
    });
  }

  async #ensurePreset(manager: EntityManager, key: string): Promise<void> {
    await manager.query(
      `update api_key set revoked_at = now() where origin = 'preset' and revoked_at is null and key_hash <> $1`,
      [digestKey(Buffer.from(key))],
    );
    const reading = readKey(key);
    const id = reading.kind === 'ours' ? reading.id : newId('key_');
    await this.#insert(manager, { id, key, name: 'preset', origin: 'preset' });
  }

  // A preset may be a key that is there already, made in another way or revoked: it is made whole again.
  async #insert(manager: EntityManager, key: AdminKey): Promise<void> {
    await manager.query(
      `insert into api_key (id, project_id, name, key_hash, scopes, origin) values ($1, $2, $3, $4, $5, $6)
       on conflict (key_hash) do update
         set scopes = excluded.scopes, origin = excluded.origin, expires_at = null, revoked_at = null`,
      [key.id, DEFAULT_PROJECT_ID, key.name, digestKey(Buffer.from(key.key)), SCOPES, key.origin],
    );
  }
}
