import { describe, expect, it } from '@jest/globals';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import type { ApiKeyEntity } from '../auth/api-key.entity.js';
import { CreateKeyDto, toKeyDto } from './key.dto.js';
import { toListPage } from './list-page.js';
import { ListQueryDto } from './list-query.dto.js';
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
    origin: 'admin',
    createdAt: new Date('2026-01-01T00:00:00Z'),
    expiresAt: null,
    revokedAt: null,
  };
  const row = { ...fields } as ApiKeyEntity;
  const older = { ...fields, id: 'key_0' } as ApiKeyEntity;

  it('never has the hash of a key', () => {
    expect(toKeyDto(row)).toEqual({
      id: 'key_1',
      name: 'a',
      project_id: 'proj_default',
      scopes: ['chat'],
      expires_at: null,
      created_at: '2026-01-01T00:00:00.000Z',
      revoked_at: null,
    });
  });

  it.each([
    [[], null, null],
    [[row, older], 'key_1', 'key_0'],
  ])('a page says where it begins and ends', (items, first, last) => {
    const page = toListPage({ items, hasMore: true }, toKeyDto);
    expect(page).toMatchObject({ object: 'list', has_more: true, first_id: first, last_id: last });
    expect(page.data).toHaveLength(items.length);
  });

  it('tells sick targets from those that only pause', () => {
    const target = {
      provider: 'lab',
      model: 'llama',
      breaker: 'closed' as const,
      retryAfterMs: 0,
      lastError: { kind: 'rate-limited' as const, at: 0 },
      consecutiveFailures: 1,
      credentials: { total: 2, usable: 1 },
      coolDown: { reason: 'rate-limited' as const, retryAfterMs: 900 },
    };
    expect(toProviderTargetDto(target)).toMatchObject({
      state: 'healthy',
      last_error: { kind: 'rate-limited', at: '1970-01-01T00:00:00.000Z' },
      cool_down: { reason: 'rate-limited', retry_after_ms: 900 },
    });
    expect(toProviderTargetDto({ ...target, breaker: 'open' }).state).toBe('sick');
  });
});
