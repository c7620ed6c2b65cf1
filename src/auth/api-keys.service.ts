import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { EntityManager, Repository } from 'typeorm';
import { Clock } from '../core/clock.js';
import { AppError } from '../core/errors/app-error.js';
import { DEFAULT_SCOPES, type Scope } from '../core/principal.js';
import { lockAdminKeys } from './admin-key-lock.js';
import { ApiKeyCache, nameOf } from './api-key-cache.js';
import { ApiKeyEntity } from './api-key.entity.js';
import { digestKey, issueKey } from './key-format.js';
import { listNewest, type Page, type PageRequest } from './list-newest.js';
import { DEFAULT_PROJECT_ID } from './project.entity.js';
import { ProjectsService } from './projects.service.js';

export interface NewApiKey {
  name: string;
  /** Default: the default project. */
  projectId?: string | null;
  /** Default: all but `admin`. */
  scopes?: readonly Scope[] | null;
  /** Must lie in the future; absent means never. */
  expiresAt?: Date | null;
}

const ID_SHAPE = /^key_[0-9A-Z]{24}$/;

/** Makes, shows and revokes keys. What it returns never has the key or its hash, but for the answer of `create`. */
@Injectable()
export class ApiKeysService {
  constructor(
    @InjectRepository(ApiKeyEntity) private readonly keys: Repository<ApiKeyEntity>,
    private readonly projects: ProjectsService,
    private readonly cache: ApiKeyCache,
    private readonly clock: Clock,
  ) {}

  /** The new key's text is in no later answer. Throws `not_found` for an unknown project, `invalid_value` for a past expiry. */
  async create(wanted: NewApiKey): Promise<{ apiKey: ApiKeyEntity; key: string }> {
    const expiresAt = wanted.expiresAt ?? null;
    if (expiresAt && expiresAt.getTime() <= this.clock.now()) {
      throw new AppError('invalid_value', '`expires_at` must be in the future.', { param: 'expires_at' });
    }
    const project = await this.projects.get(wanted.projectId ?? DEFAULT_PROJECT_ID, 'project_id');
    const { id, key } = issueKey();
    await this.keys.insert({
      id,
      projectId: project.id,
      name: wanted.name,
      keyHash: digestKey(Buffer.from(key)),
      scopes: [...(wanted.scopes ?? DEFAULT_SCOPES)],
      origin: 'admin',
      expiresAt,
      revokedAt: null,
    });
    return { apiKey: await this.get(id), key };
  }

  /** Throws `invalid_cursor`. */
  list(page: PageRequest): Promise<Page<ApiKeyEntity>> {
    return listNewest(this.keys, page);
  }

  /** Throws `not_found`. */
  async get(id: string): Promise<ApiKeyEntity> {
    const key = ID_SHAPE.test(id) ? await this.keys.findOneBy({ id }) : null;
    if (!key) throw keyNotFound();
    return key;
  }

  /**
   * Makes a key useless: here at once, in other replicas within the cache's life. Revoking twice is revoking once.
   * Throws `not_found`, and `last_admin_key` when nobody could administer afterwards, also under concurrent calls.
   */
  async revoke(id: string): Promise<ApiKeyEntity> {
    await this.get(id);
    const hash = await this.keys.manager.transaction((manager) => this.#revokeIn(manager, id));
    if (hash) this.cache.forget(nameOf(hash));
    return this.get(id);
  }

  async #revokeIn(manager: EntityManager, id: string): Promise<Buffer | null> {
    await lockAdminKeys(manager);
    const usable = await this.#usableAdminKeys(manager);
    if (usable.length === 1 && usable[0] === id) {
      throw new AppError('last_admin_key', 'This is the last admin key. Make another one before you revoke it.');
    }
    const [rows] = await manager.query<[{ key_hash: Buffer }[], number]>(
      `update api_key set revoked_at = coalesce(revoked_at, now()) where id = $1 returning key_hash`,
      [id],
    );
    return rows[0]?.key_hash ?? null;
  }

  async #usableAdminKeys(manager: EntityManager): Promise<string[]> {
    const rows = await manager.query<{ id: string }[]>(
      `select api_key.id
         from api_key join project on project.id = api_key.project_id
        where 'admin' = any(api_key.scopes) and api_key.revoked_at is null and project.disabled_at is null
          and (api_key.expires_at is null or api_key.expires_at > now())
        limit 2`,
    );
    return rows.map((row) => row.id);
  }
}

function keyNotFound(): AppError {
  return new AppError('not_found', 'There is no such key.');
}
