import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ApiKeyEntity } from '../../src/auth/api-key.entity.js';
import { KeyPrincipals } from '../../src/auth/key-principals.js';
import { KeyServices, TESTER } from '../support/key-services.js';

describe('projects and the audit log in the database', () => {
  let services: KeyServices;

  beforeAll(async () => {
    services = await KeyServices.open();
  });

  afterAll(async () => {
    await services.close();
  });

  beforeEach(async () => {
    await services.clear();
  });

  const makeAdmin = (projectId?: string): Promise<{ id: string; key: string }> =>
    services.make({ scopes: ['admin'], projectId });
  const makeProject = async (): Promise<string> =>
    (await services.projects.create({ name: 'team' }, TESTER)).project.id;
  const works = async (key: string): Promise<boolean> => (await services.find(key)) !== null;
  const actions = async (): Promise<string[]> =>
    (await services.audit.list({ limit: 100 })).items.map(({ action }) => action).reverse();

  describe('projects', () => {
    beforeEach(async () => {
      await makeAdmin();
    });

    it('gives its limits and budgets to every key', async () => {
      const { project, budgets } = await services.projects.create(
        { name: 'team', limits: { tokensPerMinute: 9 }, budgets: [{ window: 'total', amountUsd: '2.5' }] },
        TESTER,
      );
      expect(budgets).toMatchObject([
        { owner: 'project', window: 'total', amountUsd: '2.5000000000', timeZone: 'UTC' },
      ]);
      const { key } = await services.make({ projectId: project.id, budgets: [{ window: 'day', amountUsd: 1 }] });
      const principal = (await services.find(key))?.principal;
      expect(principal).toMatchObject({ keyLimits: null, projectLimits: { tokensPerMinute: 9, concurrency: null } });
      expect(principal?.budgets.map(({ owner }) => owner)).toEqual(['key', 'project']);
      await services.projects.change(project.id, { name: 'crew', limits: null, budgets: null }, TESTER);
      expect((await services.find(key))?.principal).toMatchObject({ projectLimits: null, budgets: [{ owner: 'key' }] });
      expect((await services.projects.get(project.id)).project.name).toBe('crew');
    });

    it('refuses its keys while it is disabled', async () => {
      const id = await makeProject();
      const { key } = await services.make({ projectId: id });
      const { project } = await services.projects.change(id, { isDisabled: true }, TESTER);
      expect([project.disabledAt, await works(key)]).toEqual([expect.any(Date), false]);
      await services.projects.change(id, { isDisabled: false }, TESTER);
      expect(await works(key)).toBe(true);
    });

    it('is gone when deleted, with its keys, for good', async () => {
      const id = await makeProject();
      const { id: keyId, key } = await services.make({ projectId: id });
      await services.projects.delete(id, TESTER);
      expect(await works(key)).toBe(false);
      const { revokedAt }: ApiKeyEntity = (await services.keys.get(keyId)).key;
      expect(revokedAt).toBeInstanceOf(Date);
      const notFound = { code: 'not_found' };
      await expect(services.projects.get(id)).rejects.toMatchObject(notFound);
      await expect(services.projects.delete(id, TESTER)).rejects.toMatchObject(notFound);
      await expect(services.projects.change(id, { isDisabled: false }, TESTER)).rejects.toMatchObject(notFound);
      await expect(services.make({ projectId: id })).rejects.toMatchObject(notFound);
      const listed = await services.projects.list({ limit: 100 });
      expect(listed.items.map(({ project }) => project.id)).not.toContain(id);
    });

    it('keeps the default one', async () => {
      const refused = { code: 'invalid_state' };
      await expect(services.projects.delete('proj_default', TESTER)).rejects.toMatchObject(refused);
      await expect(services.projects.change('proj_default', { isDisabled: true }, TESTER)).rejects.toMatchObject(
        refused,
      );
      await services.projects.change('proj_default', { limits: { concurrency: 1000 } }, TESTER);
      await services.projects.change('proj_default', { limits: null }, TESTER);
    });
  });

  describe('the principal of a job', () => {
    it('is that of its key as it is now, and nobody once the key is not valid', async () => {
      await makeAdmin();
      const project = await makeProject();
      const { id } = await services.make({ projectId: project, models: ['smart'], scopes: ['rag'] });
      const principals = new KeyPrincipals(services.store);
      expect(await principals.of(id, project)).toMatchObject({ keyId: id, models: ['smart'], scopes: ['rag'] });
      await services.keys.change(id, { models: null }, TESTER);
      expect(await principals.of(id, project)).toMatchObject({ keyId: id, projectId: project, models: null });
      await services.keys.revoke(id, TESTER);
      expect(await principals.of(id, project)).toBeNull();
    });

    it('has what the project allows where no key began the job', async () => {
      await makeAdmin();
      const project = await makeProject();
      await services.projects.change(project, { limits: { concurrency: 2 } }, TESTER);
      const principals = new KeyPrincipals(services.store);
      for (const keyId of ['jwt:somebody', null]) {
        expect(await principals.of(keyId, project)).toMatchObject({
          keyId: keyId ?? '',
          projectId: project,
          scopes: [],
          projectLimits: { concurrency: 2 },
        });
      }
      await services.projects.change(project, { isDisabled: true }, TESTER);
      expect(await principals.of('jwt:somebody', project)).toBeNull();
    });
  });

  describe('the audit log', () => {
    it('says who did what, and what became different', async () => {
      const { id } = await services.make({ models: ['smart'] });
      await services.keys.change(id, { models: ['fast'], limits: { concurrency: 2 } }, TESTER);
      const [last] = (await services.audit.list({ limit: 1 })).items;
      expect(last).toMatchObject({
        actor: TESTER.actor,
        address: TESTER.address,
        requestId: TESTER.requestId,
        action: 'key.change',
        target: id,
        changes: { models: { from: ['smart'], to: ['fast'] }, concurrency: { from: null, to: 2 } },
      });
    });

    it('has an entry of every change, and none of what was refused or changed nothing', async () => {
      await makeAdmin();
      const { id } = await services.make();
      const project = await makeProject();
      await services.keys.change(id, { name: 'a' }, TESTER);
      await services.keys.change(id, { name: 'b' }, TESTER);
      await services.rotation.rotate(id, 60, TESTER);
      await services.keys.revoke(id, TESTER);
      await services.keys.revoke(id, TESTER);
      await expect(services.rotation.rotate(id, 60, TESTER)).rejects.toThrow();
      await services.projects.change(project, { isDisabled: true }, TESTER);
      await services.projects.delete(project, TESTER);
      expect(await actions()).toEqual([
        ...['key.create', 'key.create', 'project.create', 'key.change', 'key.rotate', 'key.revoke'],
        ...['project.change', 'project.delete'],
      ]);
    });

    it('never holds a secret or a hash', async () => {
      const { id, key } = await services.make();
      const { secret } = await services.rotation.rotate(id, 60, TESTER);
      const [row] = await services.dataSource.query<{ text: string }[]>(
        `select string_agg(audit_entry::text, ' ') as text from audit_entry`,
      );
      for (const part of [key, secret, key.slice(28), secret.slice(28), 'hash']) expect(row?.text).not.toContain(part);
    });

    it('can be asked for one key or one actor, page by page', async () => {
      const { id } = await services.make();
      await services.make();
      await services.keys.change(id, { name: 'b' }, { ...TESTER, actor: 'key_other' });
      const all = await services.audit.list({ limit: 1, target: id });
      const rest = await services.audit.list({ limit: 1, target: id, after: all.items[0]?.id });
      expect([all, rest].map(({ items }) => items[0]?.action)).toEqual(['key.change', 'key.create']);
      expect([all.hasMore, rest.hasMore]).toEqual([true, false]);
      expect((await services.audit.list({ limit: 9, actor: 'key_other' })).items).toHaveLength(1);
      await expect(services.audit.list({ limit: 9, after: 'aud_none' })).rejects.toMatchObject({
        code: 'invalid_cursor',
      });
    });

    it('forgets what is older than it is to be kept', async () => {
      await services.make();
      await services.make();
      await services.dataSource.query(
        `update audit_entry set created_at = now() - interval '31 days' where id = (select min(id) from audit_entry)`,
      );
      expect(await services.audit.forget(30)).toBe(1);
      expect(await actions()).toEqual(['key.create']);
    });
  });
});
