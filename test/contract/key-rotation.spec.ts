import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { FirstRunKey } from '../../src/auth/first-run-key.js';
import { issueKey } from '../../src/auth/key-format.js';
import { KeyServices, near, TESTER, wallTimeOf } from '../support/key-services.js';

describe('secrets of keys in the database', () => {
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
  const works = async (key: string): Promise<boolean> => (await services.find(key)) !== null;
  const expire = (id: string): Promise<unknown> =>
    services.dataSource.query(`update api_key set expires_at = now() - interval '1 second' where id = $1`, [id]);

  describe('rotation', () => {
    const rotate = async (id: string, overlapSeconds: number): Promise<string> =>
      (await services.rotation.rotate(id, overlapSeconds, TESTER)).secret;
    const age = (seconds: number): Promise<unknown> =>
      services.dataSource.query('update retired_secret set expires_at = expires_at - make_interval(secs => $1)', [
        seconds,
      ]);

    it('ends the old secret at once without an overlap, and keeps the id', async () => {
      const { id, key } = await services.make();
      const fresh = await rotate(id, 0);
      expect([await works(key), (await services.find(fresh))?.principal.keyId]).toEqual([false, id]);
      expect((await services.keys.get(id)).key).toMatchObject({ rotatedAt: expect.any(Date), oldSecretUntil: null });
    });

    it('lets the old secret work until the overlap is over', async () => {
      const { id, key } = await services.make();
      const fresh = await rotate(id, 3600);
      const known = await services.find(key);
      const { oldSecretUntil } = (await services.keys.get(id)).key;
      expect([known?.principal.keyId, wallTimeOf(known)]).toEqual([id, near(oldSecretUntil)]);
      expect((await services.find(fresh))?.expiresAt).toBeNull();
      await age(3600);
      expect([await works(key), await works(fresh)]).toEqual([false, true]);
    });

    it('ends an old secret with the key, when that expires earlier', async () => {
      const { id, key } = await services.make({ expiresAt: new Date(Date.now() + 60_000) });
      const { expiresAt } = (await services.keys.get(id)).key;
      await rotate(id, 3600);
      expect(wallTimeOf(await services.find(key))).toEqual(near(expiresAt));
    });

    it('keeps every promise of several rotations, but for one of no overlap', async () => {
      const { id, key: first } = await services.make();
      const second = await rotate(id, 100);
      const third = await rotate(id, 3600);
      const fourth = await rotate(id, 1800);
      const ends: number[] = [];
      for (const key of [first, second, third]) ends.push((await services.find(key))?.expiresAt ?? 0);
      const [firstEnds = 0, secondEnds = 0, thirdEnds = 0] = ends;
      // The first keeps its own end, the second is cut to that of the latest rotation.
      expect(firstEnds).toBeLessThan(performance.now() + 101_000);
      expect(Math.abs(thirdEnds - secondEnds)).toBeLessThan(1000);
      expect(secondEnds).toBeLessThan(performance.now() + 1_801_000);
      const fifth = await rotate(id, 0);
      for (const key of [first, second, third, fourth]) expect(await works(key)).toBe(false);
      expect(await works(fifth)).toBe(true);
    });

    it('forgets old secrets when the key is revoked', async () => {
      const { id, key } = await services.make();
      const fresh = await rotate(id, 3600);
      await services.keys.revoke(id, TESTER);
      expect([await works(key), await works(fresh)]).toEqual([false, false]);
    });

    it('refuses keys that are revoked, expired or set by the environment', async () => {
      await makeAdmin();
      const revoked = await services.make();
      await services.keys.revoke(revoked.id, TESTER);
      const expired = await services.make();
      await expire(expired.id);
      const preset = issueKey();
      const config = { adminKey: preset.key, jwt: null, auditRetentionDays: 1 };
      await new FirstRunKey(services.dataSource, config).ensure();
      for (const { id } of [revoked, expired, preset]) {
        await expect(rotate(id, 60)).rejects.toMatchObject({ code: 'invalid_state' });
      }
      await expect(rotate(issueKey().id, 0)).rejects.toMatchObject({ code: 'not_found' });
    });

    it('does not let the last admin key lock everybody out', async () => {
      const { id, key } = await makeAdmin();
      await expect(rotate(id, 0)).rejects.toMatchObject({ code: 'last_admin_key', param: 'overlap_seconds' });
      expect(await works(key)).toBe(true);
      const fresh = await rotate(id, 60);
      expect([await works(key), await works(fresh)]).toEqual([true, true]);
      await makeAdmin();
      await rotate(id, 0);
      expect([await works(key), await works(fresh)]).toEqual([false, false]);
    });

    it('lets one of two rotations at once be the last', async () => {
      const { id, key } = await services.make();
      const secrets = await Promise.all([rotate(id, 0), rotate(id, 0)]);
      const left = await Promise.all([key, ...secrets].map(works));
      expect(left.filter(Boolean)).toHaveLength(1);
      expect(left[0]).toBe(false);
    });

    it('does not stop the server from starting with a secret that a key had before', async () => {
      const { id, key } = await makeAdmin();
      await makeAdmin();
      await rotate(id, 0);
      const config = { adminKey: key, jwt: null, auditRetentionDays: 1 };
      await new FirstRunKey(services.dataSource, config).ensure();
      await new FirstRunKey(services.dataSource, config).ensure();
      const rows = await services.dataSource.query<unknown[]>(`select 1 from api_key where origin = 'preset'`);
      expect(rows).toHaveLength(1);
    });
  });

  it('A04 asks the database the same one question for a key that is unknown, revoked or wrong', async () => {
    await makeAdmin();
    const revoked = await services.make();
    await services.keys.revoke(revoked.id, TESTER);
    const { id } = await services.make();
    const ask = jest.spyOn(services.dataSource, 'query');
    for (const key of [issueKey().key, revoked.key, issueKey(id).key]) expect(await works(key)).toBe(false);
    const asked = ask.mock.calls.map(([text]) => text);
    ask.mockRestore();
    expect(asked).toHaveLength(3);
    expect(new Set(asked).size).toBe(1);
  });
});
