import { describe, expect, it } from '@jest/globals';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import type { ApiKeyEntity } from '../auth/api-key.entity.js';
import type { BudgetStanding } from '../budgets/budget-standing.js';
import { ChangeKeyDto, CreateKeyDto, RotateKeyDto, toKeyDto } from './key.dto.js';
import type { TargetHealth } from '../providers/model-info.js';
import { ListQueryDto } from '../http/list-query.dto.js';
import { toListPage } from './list-page.js';
import { toProviderTargetDto } from './provider.dto.js';

function problems(type: new () => object, value: Record<string, unknown>): string[] {
  const instance = plainToInstance(type, value);
  return validateSync(instance, { whitelist: true, forbidNonWhitelisted: true }).map((error) => error.property);
}

describe('CreateKeyDto', () => {
  it.each<[Record<string, unknown>, string[]]>([
    [{ name: 'a' }, []],
    [{ name: 'a', scopes: ['chat', 'admin'], project_id: 'proj_default', expires_at: '2030-01-01T00:00:00Z' }, []],
    [{ name: 'a', scopes: null, project_id: null, expires_at: null }, []],
    [{}, ['name']],
    [{ name: '  ' }, ['name']],
    [{ name: 'a'.repeat(201) }, ['name']],
    [{ name: { $ne: 1 } }, ['name']],
    [{ name: 'a', scopes: [] }, ['scopes']],
    [{ name: 'a', scopes: 'admin' }, ['scopes']],
    [{ name: 'a', scopes: ['root'] }, ['scopes']],
    [{ name: 'a', scopes: ['chat', 'chat'] }, ['scopes']],
    [{ name: 'a', expires_at: '2030-02-30T00:00:00Z' }, ['expires_at']],
    [{ name: 'a', expires_at: '2030-01-01' }, ['expires_at']],
    [{ name: 'a', expires_at: '99999-01-01T00:00:00Z' }, ['expires_at']],
    [{ name: 'a', expires_at: 1893456000 }, ['expires_at']],
    [{ name: 'a', key_hash: 'x' }, ['key_hash']],
  ])('%j has problems with %j', (body, properties) => {
    expect(problems(CreateKeyDto, body)).toEqual(properties);
  });
});

describe('ChangeKeyDto', () => {
  it.each<[Record<string, unknown>, string[]]>([
    [{}, []],
    [{ name: 'a', scopes: ['chat'], models: ['smart', 'openai/*', '*'], expires_at: '2030-01-01T00:00:00Z' }, []],
    [{ models: null, limits: null, budgets: null, expires_at: null }, []],
    [{ limits: { concurrency: null }, budgets: [] }, []],
    [{ name: null }, ['name']],
    [{ scopes: null }, ['scopes']],
    [{ project_id: 'proj_default' }, ['project_id']],
    [{ models: Array.from({ length: 101 }, (_, index) => String(index)) }, ['models']],
    [{ models: ['a'.repeat(301)] }, ['models']],
    [{ models: [null] }, ['models']],
    [{ models: ['a*b'] }, ['models']],
    [{ limits: 'none' }, ['limits']],
    [{ limits: { concurrency: 0 } }, ['limits']],
    [{ limits: { tokens_per_minute: 1_000_000_001 } }, ['limits']],
    [{ budgets: [null] }, ['budgets']],
    [{ budgets: [{ window: 'day', amount_usd: '1' }] }, ['budgets']],
    [{ budgets: [{ window: 'day', amount_usd: NaN }] }, ['budgets']],
  ])('%j has problems with %j', (body, properties) => {
    expect(problems(ChangeKeyDto, body)).toEqual(properties);
  });
});

describe('RotateKeyDto', () => {
  it.each<[unknown, string[]]>([
    [undefined, []],
    [null, []],
    [0, []],
    [2_592_000, []],
    [2_592_001, ['overlap_seconds']],
    [-1, ['overlap_seconds']],
    ['60', ['overlap_seconds']],
  ])('an overlap of %j has problems with %j', (overlap, properties) => {
    expect(problems(RotateKeyDto, { overlap_seconds: overlap })).toEqual(properties);
  });
});

describe('ListQueryDto', () => {
  it.each<[Record<string, unknown>, string[]]>([
    [{}, []],
    [{ limit: '1' }, []],
    [{ limit: '100', after: 'key_1' }, []],
    [{ limit: '0' }, ['limit']],
    [{ limit: '-1' }, ['limit']],
    [{ limit: '101' }, ['limit']],
    [{ limit: '1e9' }, ['limit']],
    [{ limit: '1.5' }, ['limit']],
    [{ limit: 'abc' }, ['limit']],
    [{ limit: ['1', '2'] }, ['limit']],
    [{ after: ['a', 'b'] }, ['after']],
    [{ order: 'desc; drop table' }, ['order']],
  ])('%j has problems with %j', (query, properties) => {
    expect(problems(ListQueryDto, query)).toEqual(properties);
  });

  it('is a number after validation, 20 by default', () => {
    expect(plainToInstance(ListQueryDto, { limit: '7' }).limit).toBe(7);
    expect(plainToInstance(ListQueryDto, {}).limit).toBe(20);
  });
});

describe('what administrators see', () => {
  const fields = {
    id: 'key_1',
    name: 'a',
    projectId: 'proj_default',
    keyHash: Buffer.from('hash'),
    scopes: ['chat'],
    models: ['smart'],
    requestsPerMinute: 5,
    tokensPerMinute: null,
    concurrency: null,
    origin: 'admin',
    createdAt: new Date('2026-01-01T00:00:00Z'),
    expiresAt: null,
    revokedAt: null,
    rotatedAt: null,
    oldSecretUntil: null,
  };
  const terms = { window: 'day', timeZone: 'UTC', model: null } as const;
  const budget: BudgetStanding = {
    ...terms,
    id: 'bud_1',
    owner: 'key',
    amountUsd: '0.1000000000',
    spentUsd: '0.0200000000',
    reservedUsd: '0.0300000000',
    remainingUsd: '0.0500000000',
    resetsAt: new Date('2026-01-02T00:00:00Z'),
  };
  const row = { key: { ...fields } as ApiKeyEntity, budgets: [budget] };
  const older = { key: { ...fields, id: 'key_0', requestsPerMinute: null } as ApiKeyEntity, budgets: [] };

  it('never has the hash of a key', () => {
    expect(toKeyDto(row)).toEqual({
      id: 'key_1',
      name: 'a',
      project_id: 'proj_default',
      scopes: ['chat'],
      models: ['smart'],
      limits: { requests_per_minute: 5, tokens_per_minute: null, concurrency: null },
      budgets: [
        {
          id: 'bud_1',
          window: 'day',
          amount_usd: 0.1,
          time_zone: 'UTC',
          model: null,
          spent_usd: 0.02,
          reserved_usd: 0.03,
          remaining_usd: 0.05,
          resets_at: '2026-01-02T00:00:00.000Z',
        },
      ],
      expires_at: null,
      created_at: '2026-01-01T00:00:00.000Z',
      revoked_at: null,
      rotated_at: null,
      old_secret_until: null,
    });
    expect(toKeyDto(older)).toMatchObject({ limits: null, budgets: [] });
  });

  it.each([
    [[], null, null],
    [[row, older], 'key_1', 'key_0'],
  ])('a page says where it begins and ends', (items, first, last) => {
    const page = toListPage({ items, hasMore: true }, toKeyDto);
    expect(page).toMatchObject({ object: 'list', has_more: true, first_id: first, last_id: last });
    expect(page.data).toHaveLength(items.length);
  });

  it('a target shows what is known of it, and null where nothing is', () => {
    const failure = { kind: 'rate-limited' as const, at: 0 };
    const target: TargetHealth = {
      provider: 'lab',
      model: 'llama',
      state: 'paused',
      breaker: 'closed',
      retryAfterMs: 0.2,
      lastError: failure,
      lastErrors: [failure],
      consecutiveFailures: 1,
      credentials: { total: 2, usable: 1 },
      coolDown: { reason: 'rate-limited', retryAfterMs: 899.0001 },
      coolDowns: [{ credential: 'abc', reason: 'authentication', isEverywhere: true, retryAfterMs: 60_000 }],
      load: { p50Ms: 10, p95Ms: 20, p99Ms: 30.00471, ewmaMs: null, inFlight: 4, requests: 8, errorRate: 1 / 3 },
      limits: null,
    };
    const shown = {
      provider: 'lab',
      model: 'llama',
      state: 'paused',
      breaker: 'closed',
      retry_after_ms: 1,
      in_flight: 4,
      latency: { p50_ms: 10, p95_ms: 20, p99_ms: 30, ewma_ms: null },
      requests: 8,
      error_rate: 0.33,
      consecutive_failures: 1,
      last_error: { kind: 'rate-limited', at: '1970-01-01T00:00:00.000Z' },
      last_errors: [{ kind: 'rate-limited', at: '1970-01-01T00:00:00.000Z' }],
      credentials: { total: 2, usable: 1 },
      cool_down: { reason: 'rate-limited', retry_after_ms: 900 },
      cool_downs: [{ credential: 'abc', reason: 'authentication', everywhere: true, retry_after_ms: 60_000 }],
      limits: null,
    };
    expect(toProviderTargetDto(target)).toEqual(shown);
    const limits = {
      inUse: 1,
      queued: 2,
      queueSize: 3,
      refused: 4,
      requestsPerMinute: 5,
      tokensPerMinute: null,
      concurrency: 6,
    };
    expect(toProviderTargetDto({ ...target, lastError: null, coolDown: null, limits })).toEqual({
      ...shown,
      last_error: null,
      cool_down: null,
      limits: {
        in_use: 1,
        queued: 2,
        queue_size: 3,
        refused: 4,
        requests_per_minute: 5,
        tokens_per_minute: null,
        concurrency: 6,
      },
    });
  });
});
