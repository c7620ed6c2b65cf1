import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { EntityManager, Repository } from 'typeorm';
import type { BudgetStanding } from '../budgets/budget-standing.js';
import { BudgetTermsStore } from '../budgets/budget-terms.store.js';
import type { WantedBudget } from '../budgets/check-budgets.js';
import { Clock } from '../core/clock.js';
import { AppError } from '../core/errors/app-error.js';
import { DEFAULT_SCOPES, type Principal, type Scope } from '../core/principal.js';
import { AdminChanges } from './admin-changes.js';
import { ApiKeyEntity } from './api-key.entity.js';
import { type ChangeAuthor, differenceOf } from './audit/audit-log.js';
import { digestKey, issueKey } from './key-format.js';
import { keyFacts } from './key-facts.js';
import { listNewest, type Page, type PageRequest } from './list-newest.js';
import { DEFAULT_PROJECT_ID } from './project.entity.js';
import { findProject } from './projects.service.js';
import { changeLimits, type LimitChanges, NO_LIMITS } from './request-limits.js';

/** A change of a key; what is absent stays as it is. */
export interface KeyChanges {
  readonly name?: string;
  readonly scopes?: readonly Scope[];
  /** Null means all. */
  readonly models?: readonly string[] | null;
  readonly limits?: LimitChanges | null;
  /** All of them; null means none. */
  readonly budgets?: readonly WantedBudget[] | null;
  /** Must lie in the future; null means never. */
  readonly expiresAt?: Date | null;
}

/** A key to be made. What is absent limits nothing. */
export interface NewApiKey extends Omit<KeyChanges, 'scopes'> {
  readonly name: string;
  /** Default: the default project. */
  readonly projectId?: string | null;
  /** Default: all but `admin`. */
  readonly scopes?: readonly Scope[] | null;
}

/** A key with its budgets; never with its secret or its hash. */
export interface ApiKeyRecord {
  readonly key: ApiKeyEntity;
  readonly budgets: readonly BudgetStanding[];
}

const ID_SHAPE = /^key_[0-9A-Z]{24}$/;

/** Makes, shows, changes and revokes keys. What it returns never has the secret, but for the answer of `create`. */
@Injectable()
export class ApiKeysService {
  constructor(
    @InjectRepository(ApiKeyEntity) private readonly keys: Repository<ApiKeyEntity>,
    private readonly budgets: BudgetTermsStore,
    private readonly changes: AdminChanges,
    private readonly clock: Clock,
  ) {}

  /** The new key's text is in no later answer. Throws `not_found` for an unknown project, `invalid_value` for a past expiry. */
  async create(wanted: NewApiKey, author: ChangeAuthor): Promise<{ record: ApiKeyRecord; secret: string }> {
    this.#assertFuture(wanted.expiresAt);
    const budgets = await this.budgets.check(wanted.budgets ?? []);
    const { id, key: secret } = issueKey();
    await this.changes.perform(author, async (manager) => {
      const project = await findProject(manager, wanted.projectId ?? DEFAULT_PROJECT_ID, 'project_id');
      await manager.insert(ApiKeyEntity, {
        id,
        projectId: project.id,
        name: wanted.name,
        keyHash: digestKey(Buffer.from(secret)),
        scopes: [...(wanted.scopes ?? DEFAULT_SCOPES)],
        models: toModels(wanted.models),
        ...changeLimits(NO_LIMITS, wanted.limits),
        origin: 'admin',
        expiresAt: wanted.expiresAt ?? null,
      });
      if (budgets.length > 0) await this.budgets.replace(manager, { kind: 'key', id }, budgets);
      const changes = differenceOf(null, keyFacts(await findKey(manager, id), budgets));
      return { result: null, audited: { action: 'key.create', target: id, changes }, concerns: null };
    });
    return { record: await this.get(id), secret };
  }

  /** Throws `invalid_cursor`. */
  async list(page: PageRequest): Promise<Page<ApiKeyRecord>> {
    const { items, hasMore } = await listNewest(this.keys, page);
    const budgets = await this.budgets.standings(items.map(({ id }) => ({ kind: 'key', id })));
    return { items: items.map((key) => ({ key, budgets: budgets.get(key.id) ?? [] })), hasMore };
  }

  /** Throws `not_found`. */
  async get(id: string): Promise<ApiKeyRecord> {
    const key = await findKey(this.keys.manager, id);
    return { key, budgets: (await this.budgets.standings([{ kind: 'key', id }])).get(id) ?? [] };
  }

  /**
   * Changes what a key may do: here at once, in other replicas within the cache's life. Throws `not_found`, `invalid_state`
   * for a revoked key, `invalid_value`, and `last_admin_key` when nobody could administer afterwards.
   */
  async change(id: string, wanted: KeyChanges, author: ChangeAuthor): Promise<ApiKeyRecord> {
    this.#assertFuture(wanted.expiresAt);
    const checked = wanted.budgets === undefined ? undefined : await this.budgets.check(wanted.budgets ?? []);
    await this.changes.perform(author, async (manager) => {
      const key = await findKey(manager, id);
      if (key.revokedAt) throw new AppError('invalid_state', 'The key is revoked and cannot be changed.');
      const owner = { kind: 'key', id } as const;
      const budgets = (await this.budgets.of([owner], manager)).get(id) ?? [];
      const before = keyFacts(key, budgets);
      Object.assign(key, toColumns(key, wanted));
      await manager.save(ApiKeyEntity, key);
      if (checked) await this.budgets.replace(manager, owner, checked);
      const changes = differenceOf(before, keyFacts(key, checked ?? budgets));
      const audited = Object.keys(changes).length === 0 ? null : { action: 'key.change', target: id, changes };
      return { result: null, audited, concerns: isKey(id) };
    });
    return this.get(id);
  }

  /**
   * Makes a key useless: here at once, in other replicas within the cache's life. Revoking twice is revoking once.
   * Throws `not_found`, and `last_admin_key` when nobody could administer afterwards, also under concurrent calls.
   */
  async revoke(id: string, author: ChangeAuthor): Promise<ApiKeyRecord> {
    await this.changes.perform(author, async (manager) => {
      const key = await findKey(manager, id);
      if (key.revokedAt) return { result: null, audited: null, concerns: isKey(id) };
      await manager.query('update api_key set revoked_at = clock_timestamp() where id = $1', [id]);
      await manager.query('delete from retired_secret where key_id = $1', [id]);
      const changes = differenceOf(keyFacts(key, []), keyFacts(await findKey(manager, id), []));
      return { result: null, audited: { action: 'key.revoke', target: id, changes }, concerns: isKey(id) };
    });
    return this.get(id);
  }

  #assertFuture(expiresAt: Date | null | undefined): void {
    if (!expiresAt || expiresAt.getTime() > this.clock.now()) return;
    throw new AppError('invalid_value', '`expires_at` must be in the future.', { param: 'expires_at' });
  }
}

/** The key of this id, without its hash. Throws `not_found`. */
export async function findKey(manager: EntityManager, id: string): Promise<ApiKeyEntity> {
  const key = ID_SHAPE.test(id) ? await manager.findOneBy(ApiKeyEntity, { id }) : null;
  if (!key) throw new AppError('not_found', 'There is no such key.');
  return key;
}

/** Tells whether a principal is this key. */
export function isKey(id: string): (principal: Principal) => boolean {
  return ({ keyId }) => keyId === id;
}

function toColumns(key: ApiKeyEntity, wanted: KeyChanges): Partial<ApiKeyEntity> {
  return {
    ...(wanted.name !== undefined && { name: wanted.name }),
    ...(wanted.scopes !== undefined && { scopes: [...wanted.scopes] }),
    ...(wanted.models !== undefined && { models: toModels(wanted.models) }),
    ...(wanted.expiresAt !== undefined && { expiresAt: wanted.expiresAt }),
    ...changeLimits(key, wanted.limits),
  };
}

function toModels(models: readonly string[] | null | undefined): string[] | null {
  return models ? [...models] : null;
}
