import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { ApiKeyCache } from '../../src/auth/api-key-cache.js';
import { ApiKeyEntity } from '../../src/auth/api-key.entity.js';
import { ApiKeyStore } from '../../src/auth/api-key.store.js';
import { ApiKeysService } from '../../src/auth/api-keys.service.js';
import { FirstRunKey } from '../../src/auth/first-run-key.js';
import { digestKey, issueKey, readKey } from '../../src/auth/key-format.js';
import { ProjectEntity } from '../../src/auth/project.entity.js';
import { ProjectsService } from '../../src/auth/projects.service.js';
import { SystemClock } from '../../src/core/clock.js';
import type { Scope } from '../../src/core/principal.js';
import { createDataSource, dataSourceOptions } from '../../src/database/create-data-source.js';
import { DatabaseConnection } from '../../src/database/database-connection.js';
import { createTestSchema, dropTestSchema, type TestDatabase } from '../support/database.js';

const clock = new SystemClock();

describe('keys in the database', () => {
  let config: TestDatabase;
  let connection: DatabaseConnection;
  let dataSource: DataSource;
  let keys: ApiKeysService;
  let projects: ProjectsService;
  let store: ApiKeyStore;

  beforeAll(async () => {
    config = await createTestSchema();
    connection = await DatabaseConnection.open(config);
    dataSource = await createDataSource(connection, {
      ...dataSourceOptions(connection),
      entities: [ApiKeyEntity, ProjectEntity],
    });
    const repository = dataSource.getRepository(ApiKeyEntity);
    projects = new ProjectsService(dataSource.getRepository(ProjectEntity));
    keys = new ApiKeysService(repository, projects, new ApiKeyCache(clock), clock);
    store = new ApiKeyStore(repository, clock);
  });

  afterAll(async () => {
    await dataSource.destroy();
    await connection.close();
    await dropTestSchema(config);
  });

  beforeEach(async () => {
    await dataSource.query('delete from api_key');
  });

  function find(key: string): ReturnType<ApiKeyStore['findUsable']> {
    const reading = readKey(key);
    return store.findUsable(reading.kind === 'ours' ? reading.id : null, digestKey(Buffer.from(key)));
  }

  function ensure(adminKey: string | null): ReturnType<FirstRunKey['ensure']> {
    return new FirstRunKey(dataSource, { adminKey }).ensure();
  }

  async function make(scopes?: Scope[]): Promise<{ id: string; key: string }> {
    const { apiKey, key } = await keys.create({ name: 'a', scopes });
    return { id: apiKey.id, key };
  }

  it('finds a new key with its project and scopes, and keeps no trace of its secret', async () => {
    const { id, key } = await make();
    expect(await find(key)).toEqual({
      principal: { keyId: id, projectId: 'proj_default', scopes: ['chat', 'embeddings', 'rag', 'batches', 'usage'] },
      expiresAt: null,
    });
    const [row] = await dataSource.query<{ text: string }[]>('select api_key::text as text from api_key');
    expect(row?.text).not.toContain(key.slice(28));
    expect(await keys.get(id)).not.toHaveProperty('keyHash');
    expect((await keys.list({ limit: 5 })).items[0]).not.toHaveProperty('keyHash');
  });

  it('does not find unknown, altered, revoked or expired keys, nor those of a disabled project', async () => {
    await make(['admin']);
    expect(await find(issueKey().key)).toBeNull();
    expect(await find('another-shape-altogether')).toBeNull();

    const revoked = await make();
    expect((await keys.revoke(revoked.id)).revokedAt).toBeInstanceOf(Date);
    expect(await find(revoked.key)).toBeNull();

    const expiring = await make();
    await dataSource.query(`update api_key set expires_at = now() - interval '1 second' where id = $1`, [expiring.id]);
    expect(await find(expiring.key)).toBeNull();

    const project = await projects.create('closing');
    const { key } = await keys.create({ name: 'b', projectId: project.id });
    expect(await find(key)).not.toBeNull();
    await dataSource.query('update project set disabled_at = now() where id = $1', [project.id]);
    expect(await find(key)).toBeNull();

    const other = await make();
    expect(await store.findUsable(other.id, digestKey(Buffer.from(issueKey().key)))).toBeNull();
  });

  it('refuses unknown projects, past expiries and unknown keys', async () => {
    await expect(keys.create({ name: 'a', projectId: 'proj_none' })).rejects.toMatchObject({ code: 'not_found' });
    await expect(keys.create({ name: 'a', projectId: "'; --" })).rejects.toMatchObject({ code: 'not_found' });
    await expect(keys.create({ name: 'a', expiresAt: new Date(0) })).rejects.toMatchObject({ code: 'invalid_value' });
    for (const id of [issueKey().id, 'undefined', ' ', '%00', '\0', '1']) {
      await expect(keys.get(id)).rejects.toMatchObject({ code: 'not_found' });
      await expect(keys.revoke(id)).rejects.toMatchObject({ code: 'not_found' });
    }
  });

  it('keeps the last admin key, also of two that are revoked at once', async () => {
    const [one, two, member] = [await make(['admin']), await make(['admin']), await make()];
    const outcomes = await Promise.allSettled([keys.revoke(one.id), keys.revoke(two.id)]);
    expect(outcomes.map((outcome) => outcome.status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(outcomes.find((outcome) => outcome.status === 'rejected')).toMatchObject({
      reason: { code: 'last_admin_key' },
    });
    await expect(keys.revoke(member.id)).resolves.toMatchObject({ id: member.id });
    const left = (await find(one.key)) ?? (await find(two.key));
    expect(left?.principal.scopes).toEqual(['admin']);
  });

  it('revokes twice as once', async () => {
    await make(['admin']);
    const { id } = await make();
    const first = await keys.revoke(id);
    expect((await keys.revoke(id)).revokedAt).toEqual(first.revokedAt);
  });

  it('lists newest first, page by page, and knows its cursors', async () => {
    const made: string[] = [];
    for (let count = 0; count < 5; count += 1) made.unshift((await make()).id);
    await dataSource.query('update api_key set created_at = $1 where id = any($2)', [new Date(), made.slice(1, 4)]);
    const seen: string[] = [];
    let page = await keys.list({ limit: 2 });
    seen.push(...page.items.map((item) => item.id));
    while (page.hasMore) {
      page = await keys.list({ limit: 2, after: seen.at(-1) });
      seen.push(...page.items.map((item) => item.id));
    }
    expect([...seen].sort()).toEqual([...made].sort());
    for (const after of ['key_none', 'garbage', '', "' or 1=1 --", '\0']) {
      await expect(keys.list({ limit: 2, after })).rejects.toMatchObject({ code: 'invalid_cursor', param: 'after' });
    }
    const all = await projects.list({ limit: 100 });
    expect(all.items.map((item) => item.id)).toContain('proj_default');
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
    (dataSource.driver as unknown as { schema: string }).schema = config.schema;
    const schema = await dataSource.driver.createSchemaBuilder().log();
    expect(schema.upQueries.map((query) => query.query).filter((query) => /api_key|project/.test(query))).toEqual([]);
  });
});
