import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { KeyServices, near, TESTER, wallTimeOf } from '../support/key-services.js';

const FUTURE = new Date('2999-01-01T00:00:00Z');

describe('changes of keys in the database', () => {
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
  const expire = (id: string): Promise<unknown> =>
    services.dataSource.query(`update api_key set expires_at = now() - interval '1 second' where id = $1`, [id]);

  describe('PATCH', () => {
    it('changes what is given and leaves the rest', async () => {
      const { id, key } = await services.make({ limits: { concurrency: 3 } });
      await services.keys.change(id, { name: 'b', scopes: ['rag'], limits: { requestsPerMinute: 5 } }, TESTER);
      await services.keys.change(id, { models: ['smart'], expiresAt: FUTURE }, TESTER);
      const known = await services.find(key);
      expect(wallTimeOf(known)).toEqual(near(FUTURE));
      expect(known?.principal).toMatchObject({
        scopes: ['rag'],
        models: ['smart'],
        keyLimits: { requestsPerMinute: 5, tokensPerMinute: null, concurrency: 3 },
      });
      expect((await services.keys.get(id)).key.name).toBe('b');
    });

    it('takes null for the end of a limit, a list or an expiry', async () => {
      const { id, key } = await services.make({
        models: ['smart'],
        limits: { requestsPerMinute: 5, concurrency: 3 },
        budgets: [{ window: 'day', amountUsd: 1 }],
        expiresAt: FUTURE,
      });
      expect((await services.find(key))?.principal.budgets).toMatchObject([
        { owner: 'key', amountUsd: '1.0000000000' },
      ]);
      await services.keys.change(id, { limits: { concurrency: null } }, TESTER);
      expect((await services.find(key))?.principal.keyLimits).toMatchObject({
        requestsPerMinute: 5,
        concurrency: null,
      });
      await services.keys.change(id, { models: null, limits: null, budgets: null, expiresAt: null }, TESTER);
      expect(await services.find(key)).toMatchObject({
        expiresAt: null,
        principal: { models: null, keyLimits: null, budgets: [] },
      });
    });

    it('brings an expired key back, and no revoked one', async () => {
      await makeAdmin();
      const { id, key } = await services.make();
      await expire(id);
      expect(await works(key)).toBe(false);
      await services.keys.change(id, { expiresAt: FUTURE }, TESTER);
      expect(await works(key)).toBe(true);
      await services.keys.revoke(id, TESTER);
      await expect(services.keys.change(id, { name: 'c' }, TESTER)).rejects.toMatchObject({ code: 'invalid_state' });
    });

    it('changes nothing at all when a part of it is wrong', async () => {
      const { id } = await services.make();
      const wrong = { name: 'b', budgets: [{ window: 'year', amountUsd: 1 }] };
      await expect(services.keys.change(id, wrong, TESTER)).rejects.toMatchObject({ param: 'budgets[0].window' });
      expect((await services.keys.get(id)).key.name).toBe('a');
      await expect(services.keys.change(id, { expiresAt: new Date(0) }, TESTER)).rejects.toMatchObject({
        code: 'invalid_value',
      });
    });

    it('is felt here at once, by old and new secrets alike', async () => {
      const { id, key } = await services.make();
      const load = (): ReturnType<KeyServices['find']> => services.find(key);
      await services.cache.find('name', load);
      await services.keys.change(id, { scopes: ['rag'] }, TESTER);
      expect((await services.cache.find('name', load))?.principal.scopes).toEqual(['rag']);
    });
  });

  describe('the last admin key', () => {
    const change = (id: string, wanted: Parameters<KeyServices['keys']['change']>[1]): Promise<unknown> =>
      services.keys.change(id, wanted, TESTER);
    const lastAdmin = { code: 'last_admin_key' };

    it('keeps its scope and does not expire', async () => {
      const { id } = await makeAdmin();
      await expect(change(id, { scopes: ['chat'] })).rejects.toMatchObject(lastAdmin);
      await expect(change(id, { expiresAt: FUTURE })).rejects.toMatchObject(lastAdmin);
      await expect(services.keys.revoke(id, TESTER)).rejects.toMatchObject(lastAdmin);
      await change(id, { name: 'b', scopes: ['admin', 'chat'], models: ['smart'] });
      expect((await services.keys.get(id)).key).toMatchObject({ name: 'b', expiresAt: null });
    });

    it('is not the one that expires some day', async () => {
      const lasting = await makeAdmin();
      const passing = await services.make({ scopes: ['admin'], expiresAt: FUTURE });
      await expect(services.keys.revoke(lasting.id, TESTER)).rejects.toMatchObject(lastAdmin);
      await services.keys.revoke(passing.id, TESTER);
    });

    it('is the last that can be used where all expire some day', async () => {
      const [one, two] = [
        await services.make({ scopes: ['admin'], expiresAt: FUTURE }),
        await services.make({ scopes: ['admin'], expiresAt: FUTURE }),
      ];
      await services.keys.revoke(one.id, TESTER);
      await expect(services.keys.revoke(two.id, TESTER)).rejects.toMatchObject(lastAdmin);
    });

    it('keeps its project', async () => {
      const project = await makeProject();
      const { key } = await makeAdmin(project);
      await expect(services.projects.change(project, { isDisabled: true }, TESTER)).rejects.toMatchObject(lastAdmin);
      await expect(services.projects.delete(project, TESTER)).rejects.toMatchObject(lastAdmin);
      expect(await works(key)).toBe(true);
    });

    it.each<[string, (ids: [string, string], projects: [string, string]) => Promise<unknown>[]]>([
      ['two lose their scope', ([one, two]) => [change(one, { scopes: ['rag'] }), change(two, { scopes: ['rag'] })]],
      ['two get an expiry', ([one, two]) => [change(one, { expiresAt: FUTURE }), change(two, { expiresAt: FUTURE })]],
      [
        'one is revoked and one loses its scope',
        ([one, two]) => [services.keys.revoke(one, TESTER), change(two, { scopes: ['rag'] })],
      ],
      [
        'two projects are disabled',
        (_ids, [one, two]) => [
          services.projects.change(one, { isDisabled: true }, TESTER),
          services.projects.change(two, { isDisabled: true }, TESTER),
        ],
      ],
      [
        'one project is deleted and the other key revoked',
        ([, two], [one]) => [services.projects.delete(one, TESTER), services.keys.revoke(two, TESTER)],
      ],
    ])('stays when at once %s', async (_name, attempt) => {
      for (let round = 0; round < 5; round += 1) {
        await services.dataSource.query('delete from api_key');
        const [p1, p2] = [await makeProject(), await makeProject()];
        const [one, two] = [await makeAdmin(p1), await makeAdmin(p2)];
        const outcomes = await Promise.allSettled(attempt([one.id, two.id], [p1, p2]));
        expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
        expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({ reason: lastAdmin });
        const left = [await services.find(one.key), await services.find(two.key)].filter(
          (known) => known?.principal.scopes.includes('admin') && known.expiresAt === null,
        );
        expect(left).toHaveLength(1);
      }
    });
  });
});
