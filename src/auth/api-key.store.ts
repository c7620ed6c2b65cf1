import { timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { BudgetTermsStore } from '../budgets/budget-terms.store.js';
import { Clock } from '../core/clock.js';
import type { Principal, Scope } from '../core/principal.js';
import type { KnownKey } from './api-key-cache.js';
import { limitsOf } from './request-limits.js';

/** What the database holds of a key that bears on its use, with its project. */
interface KeyRow {
  id: string;
  project_id: string;
  scopes: Scope[];
  models: string[] | null;
  requests_per_minute: number | null;
  tokens_per_minute: number | null;
  concurrency: number | null;
  key_hash: Buffer;
  /** Milliseconds until it expires, by the clock of the database, which all replicas share; null for never. */
  left_ms: number | null;
  revoked_at: Date | null;
  /** Of a secret that the key had before; null when the digest asked for is none. */
  retired_hash: Buffer | null;
  retired_left_ms: number | null;
  disabled_at: Date | null;
  project_requests_per_minute: number | null;
  project_tokens_per_minute: number | null;
  project_concurrency: number | null;
}

const leftMs = (column: string): string =>
  `(extract(epoch from ${column} - clock_timestamp()) * 1000)::double precision`;
const COLUMNS = `k.id, k.project_id, k.scopes, k.models, k.requests_per_minute, k.tokens_per_minute, k.concurrency,
  k.key_hash, ${leftMs('k.expires_at')} as left_ms, k.revoked_at, p.disabled_at, p.requests_per_minute as project_requests_per_minute,
  p.tokens_per_minute as project_tokens_per_minute, p.concurrency as project_concurrency`;
// Every key takes the same one query, whatever becomes of it: the time of a refusal says nothing of its reason.
const FIND = `select ${COLUMNS}, r.key_hash as retired_hash, ${leftMs('r.expires_at')} as retired_left_ms
  from api_key k join project p on p.id = k.project_id
  left join retired_secret r on r.key_id = k.id and r.key_hash = $1`;

/** Reads keys, and what they may use, as the database has them now. */
@Injectable()
export class ApiKeyStore {
  constructor(
    private readonly dataSource: DataSource,
    private readonly budgets: BudgetTermsStore,
    private readonly clock: Clock,
  ) {}

  /** The key of this digest when it may be used; `id` is what the key says of itself, null when its shape says nothing. */
  async findUsable(id: string | null, digest: Buffer): Promise<KnownKey | null> {
    const askedAt = this.clock.monotonic();
    const [row] = await (id === null
      ? this.dataSource.query<KeyRow[]>(`${FIND} where k.key_hash = $1`, [digest])
      : this.dataSource.query<KeyRow[]>(`${FIND} where k.id = $2`, [digest, id]));
    const known = row?.retired_hash ?? row?.key_hash ?? Buffer.alloc(digest.length);
    if (!timingSafeEqual(known, digest) || !row) return null;
    return this.#toKnownKey(row, earliest(row.left_ms, row.retired_left_ms), askedAt);
  }

  /** The key of this id when it may be used. */
  async findById(id: string): Promise<Principal | null> {
    const askedAt = this.clock.monotonic();
    const [row] = await this.dataSource.query<KeyRow[]>(`${FIND} where k.id = $2`, [Buffer.alloc(0), id]);
    const known = row ? await this.#toKnownKey(row, row.left_ms, askedAt) : null;
    return known?.principal ?? null;
  }

  /** Whoever is no key and acts in a project, as the project allows it; null when it is unknown, disabled or deleted. */
  async findInProject(projectId: string, keyId: string, scopes: readonly Scope[]): Promise<Principal | null> {
    const [row] = await this.dataSource.query<ProjectRow[]>(
      `select requests_per_minute, tokens_per_minute, concurrency from project where id = $1 and disabled_at is null`,
      [projectId],
    );
    if (!row) return null;
    const owner = { kind: 'project', id: projectId } as const;
    const budgets = (await this.budgets.of([owner])).get(projectId) ?? [];
    return { keyId, projectId, scopes, models: null, keyLimits: null, projectLimits: limitsOf(toLimits(row)), budgets };
  }

  async #toKnownKey(row: KeyRow, validForMs: number | null, askedAt: number): Promise<KnownKey | null> {
    if (row.revoked_at !== null || row.disabled_at !== null) return null;
    if (validForMs !== null && validForMs <= 0) return null;
    const key = { kind: 'key', id: row.id } as const;
    const project = { kind: 'project', id: row.project_id } as const;
    const budgets = await this.budgets.of([key, project]);
    return {
      principal: {
        keyId: row.id,
        projectId: row.project_id,
        scopes: row.scopes,
        models: row.models,
        keyLimits: limitsOf(toLimits(row)),
        projectLimits: limitsOf({
          requestsPerMinute: row.project_requests_per_minute,
          tokensPerMinute: row.project_tokens_per_minute,
          concurrency: row.project_concurrency,
        }),
        budgets: [...(budgets.get(row.id) ?? []), ...(budgets.get(row.project_id) ?? [])],
      },
      expiresAt: validForMs === null ? null : askedAt + validForMs,
    };
  }
}

type ProjectRow = Pick<KeyRow, 'requests_per_minute' | 'tokens_per_minute' | 'concurrency'>;

function toLimits(row: ProjectRow): Parameters<typeof limitsOf>[0] {
  return {
    requestsPerMinute: row.requests_per_minute,
    tokensPerMinute: row.tokens_per_minute,
    concurrency: row.concurrency,
  };
}

function earliest(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.min(one, other);
}
