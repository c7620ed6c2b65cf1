import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ApiKeyEntity } from '../../src/auth/api-key.entity.js';
import { FirstRunKey } from '../../src/auth/first-run-key.js';
import { digestKey, issueKey } from '../../src/auth/key-format.js';
import { type Scope, UNLIMITED } from '../../src/core/principal.js';
import { KeyServices, TESTER } from '../support/key-services.js';

describe('keys in the database', () => {
  let services: KeyServices;

  beforeAll(async () => {
    services = await KeyServices.open();
  });

  afterAll(async () => {
    await services.close();
  });

  beforeEach(async () => {
    await services.dataSource.query('delete from api_key');
  });

  const find = (key: string): ReturnType<KeyServices['find']> => services.find(key);
  const make = (scopes?: Scope[]): Promise<{ id: string; key: string }> => services.make({ scopes });
  const revoke = async (id: string): Promise<ApiKeyEntity> => (await services.keys.revoke(id, TESTER)).key;

  function ensure(adminKey: string | null): ReturnType<FirstRunKey['ensure']> {
    return new FirstRunKey(services.dataSource, { adminKey, jwt: null, auditRetentionDays: 1 }).ensure();
  }

  it('finds a new key with its project and scopes, and keeps no trace of its secret', async () => {
    const { id, key } = await make();
    expect(await find(key)).toEqual({
      principal: {
        keyId: id,
        projectId: 'proj_default',
        scopes: ['chat', 'embeddings', 'rag', 'batches', 'usage'],
        ...UNLIMITED,
      },
      expiresAt: null,
    });
    const [row] = await services.dataSource.query<{ text: string }[]>('select api_key::text as text from api_key');
    expect(row?.text).not.toContain(key.slice(28));
    expect((await services.keys.get(id)).key).not.toHaveProperty('keyHash');
    expect((await services.keys.list({ limit: 5 })).items[0]?.key).not.toHaveProperty('keyHash');
  });

  it('does not find unknown, altered, revoked or expired keys, nor those of a disabled project', async () => {
    await make(['admin']);
    expect(await find(issueKey().key)).toBeNull();
    expect(await find('another-shape-altogether')).toBeNull();

    const revoked = await make();
    expect((await revoke(revoked.id)).revokedAt).toBeInstanceOf(Date);
    expect(await find(revoked.key)).toBeNull();

    const expiring = await make();
    await services.dataSource.query(`update api_key set expires_at = now() - interval '1 second' where id = $1`, [
      expiring.id,
    ]);
    expect(await find(expiring.key)).toBeNull();

    const { project } = await services.projects.create({ name: 'closing' }, TESTER);
    const { secret: key } = await services.keys.create({ name: 'b', projectId: project.id }, TESTER);
    expect(await find(key)).not.toBeNull();
    await services.dataSource.query('update project set disabled_at = now() where id = $1', [project.id]);
    expect(await find(key)).toBeNull();

    const other = await make();
    expect(await services.store.findUsable(other.id, digestKey(Buffer.from(issueKey().key)))).toBeNull();
  });

  it('refuses unknown projects, past expiries and unknown keys', async () => {
    await expect(services.keys.create({ name: 'a', projectId: 'proj_none' }, TESTER)).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(services.keys.create({ name: 'a', projectId: "'; --" }, TESTER)).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(services.keys.create({ name: 'a', expiresAt: new Date(0) }, TESTER)).rejects.toMatchObject({
      code: 'invalid_value',
    });
    for (const id of [issueKey().id, 'undefined', ' ', '%00', '\0', '1']) {
      await expect(services.keys.get(id)).rejects.toMatchObject({ code: 'not_found' });
      await expect(revoke(id)).rejects.toMatchObject({ code: 'not_found' });
    }
  });

  it('keeps the last admin key, also of two that are revoked at once', async () => {
    const [one, two, member] = [await make(['admin']), await make(['admin']), await make()];
    const outcomes = await Promise.allSettled([revoke(one.id), revoke(two.id)]);
    expect(outcomes.map((outcome) => outcome.status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(outcomes.find((outcome) => outcome.status === 'rejected')).toMatchObject({
      reason: { code: 'last_admin_key' },
    });
    await expect(revoke(member.id)).resolves.toMatchObject({ id: member.id });
    const left = (await find(one.key)) ?? (await find(two.key));
    expect(left?.principal.scopes).toEqual(['admin']);
  });

  it('revokes twice as once', async () => {
    await make(['admin']);
    const { id } = await make();
    const first = await revoke(id);
    expect((await revoke(id)).revokedAt).toEqual(first.revokedAt);
  });

  it('lists newest first, page by page, and knows its cursors', async () => {
    const made: string[] = [];
    for (let count = 0; count < 5; count += 1) made.unshift((await make()).id);
    await services.dataSource.query('update api_key set created_at = $1 where id = any($2)', [
      new Date(),
      made.slice(1, 4),
    ]);
    const seen: string[] = [];
    let page = await services.keys.list({ limit: 2 });
    seen.push(...page.items.map(({ key }) => key.id));
    while (page.hasMore) {
      page = await services.keys.list({ limit: 2, after: seen.at(-1) });
      seen.push(...page.items.map(({ key }) => key.id));
    }
    expect([...seen].sort()).toEqual([...made].sort());
    for (const after of ['key_none', 'garbage', '', "' or 1=1 --", '\0']) {
      await expect(services.keys.list({ limit: 2, after })).rejects.toMatchObject({
        code: 'invalid_cursor',
        param: 'after',
      });
    }
    const all = await services.projects.list({ limit: 100 });
    expect(all.items.map(({ project }) => project.id)).toContain('proj_default');
  });

  describe('the first start', () => {
    it('makes one admin key, however many replicas start, and none later', async () => {
      const outcomes = await Promise.all([ensure(null), ensure(null), ensure(null)]);
      const [made, ...more] = outcomes.filter((outcome) => outcome !== null);
      expect(more).toEqual([]);
      expect((await find(made?.key ?? ''))?.principal).toMatchObject({ projectId: 'proj_default', scopes: ['admin'] });
      expect(await ensure(null)).toBeNull();
    });

    it('ensures a preset of any shape, and replaces the one of an earlier value', async () => {
      expect(await Promise.all([ensure('first-preset-of-any-shape'), ensure('first-preset-of-any-shape')])).toEqual([
        null,
        null,
      ]);
      expect((await find('first-preset-of-any-shape'))?.principal.scopes).toEqual(['admin']);
      await ensure('second-preset-of-any-shape');
      expect(await find('first-preset-of-any-shape')).toBeNull();
      expect(await find('second-preset-of-any-shape')).not.toBeNull();
      await ensure('first-preset-of-any-shape');
      expect(await find('first-preset-of-any-shape')).not.toBeNull();
      expect(await find('second-preset-of-any-shape')).toBeNull();
      expect(await ensure(null)).toBeNull();
    });

    it('takes a key of our own form as a preset, known here or not', async () => {
      const foreign = issueKey();
      await ensure(foreign.key);
      expect((await find(foreign.key))?.principal.keyId).toBe(foreign.id);
      const known = await make(['chat']);
      await ensure(known.key);
      expect((await find(known.key))?.principal).toMatchObject({ keyId: known.id, scopes: ['admin'] });
      expect(await find(foreign.key)).toBeNull();
    });
  });

  it('has entities that say what the migration made', async () => {
    (services.dataSource.driver as unknown as { schema: string }).schema = services.config.schema;
    const schema = await services.dataSource.driver.createSchemaBuilder().log();
    expect(schema.upQueries.map((query) => query.query).filter((query) => /api_key|project/.test(query))).toEqual([]);
  });
});
