import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { issueKey } from '../../src/auth/key-format.js';
import { createTestSchema, dropTestSchema, type TestDatabase } from '../support/database.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const FELT_WITHIN_MS = 5_000;

describe('keys on two replicas', () => {
  let database: TestDatabase;
  let here: TestApp;
  let there: TestApp;

  beforeAll(async () => {
    database = await createTestSchema();
    here = await startTestApp({ database, env: { TRUST_PROXY: 'loopback' } });
    there = await startTestApp({ database, env: { TRUST_PROXY: 'loopback' } });
  });

  afterAll(async () => {
    await Promise.all([here.close(), there.close()]);
    await dropTestSchema(database);
  });

  const makeKey = async (body: object = {}): Promise<{ id: string; key: string }> =>
    (await (await here.post('/admin/keys', { name: 'tried', ...body })).json()) as { id: string; key: string };
  const patch = (path: string, body: object): Promise<Response> =>
    here.request('PATCH', path, { text: JSON.stringify(body) });
  const statusThere = async (key: string, path = '/v1/models'): Promise<number> =>
    (await there.get(path, { key })).status;

  // A client that never stops asking keeps the key in the other replica's memory: the worst case.
  const untilFelt = async (key: string, status: number, path?: string): Promise<number> => {
    const startedAt = performance.now();
    while ((await statusThere(key, path)) !== status) {
      if (performance.now() - startedAt > 2 * FELT_WITHIN_MS) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return performance.now() - startedAt;
  };

  it('O25 feels revocation, rotation, other scopes and a disabled project within five seconds', async () => {
    const project = (await (await here.post('/admin/projects', { name: 'team' })).json()) as { id: string };
    const [revoked, rotated, narrowed, disabled] = [
      await makeKey(),
      await makeKey(),
      await makeKey(),
      await makeKey({ project_id: project.id }),
    ];
    for (const { key } of [revoked, rotated, narrowed, disabled]) expect(await statusThere(key)).toBe(200);
    const waits: Promise<number>[] = [];
    await here.delete(`/admin/keys/${revoked.id}`);
    waits.push(untilFelt(revoked.key, 401));
    await here.post(`/admin/keys/${rotated.id}/rotate`, {});
    waits.push(untilFelt(rotated.key, 401));
    await patch(`/admin/keys/${narrowed.id}`, { scopes: ['chat'] });
    waits.push(untilFelt(narrowed.key, 403, '/v1/collections'));
    await patch(`/admin/projects/${project.id}`, { disabled: true });
    waits.push(untilFelt(disabled.key, 401));
    for (const wait of await Promise.all(waits)) expect(wait).toBeLessThan(FELT_WITHIN_MS);
    const { key: fresh } = await makeKey();
    expect(await statusThere(fresh)).toBe(200);
  });

  it('A07 counts guesses from one address over both, whoever asks from elsewhere', async () => {
    const guess = async (app: TestApp, address: string): Promise<number> => {
      const headers = { 'x-forwarded-for': address };
      return (await app.get('/v1/models', { key: issueKey().key, headers })).status;
    };
    const statuses: number[] = [];
    for (let count = 0; count < 31; count += 1) {
      statuses.push(await guess(here, '203.0.113.1'), await guess(there, '203.0.113.1'));
    }
    expect(statuses.slice(0, 60)).toEqual(Array(60).fill(401));
    expect(statuses.slice(60)).toEqual([429, 429]);
    expect([await guess(here, '203.0.113.2'), await guess(there, '203.0.113.2')]).toEqual([401, 401]);
    const { key } = await makeKey();
    const headers = { 'x-forwarded-for': '203.0.113.2' };
    expect((await there.get('/v1/models', { key, headers })).status).toBe(200);
  });

  it('A13 keeps the last admin key when both are asked at once', async () => {
    for (let round = 0; round < 5; round += 1) {
      const [one, two] = [await makeKey({ scopes: ['admin'] }), await makeKey({ scopes: ['admin'] })];
      const { data } = (await (await here.get('/admin/keys?limit=100', { key: one.key })).json()) as {
        data: { id: string; scopes: string[]; revoked_at: string | null }[];
      };
      const others = data.filter((key) => key.scopes.includes('admin') && key.revoked_at === null);
      for (const { id } of others.filter(({ id }) => id !== one.id && id !== two.id)) {
        expect((await here.delete(`/admin/keys/${id}`, { key: one.key })).status).toBe(200);
      }
      const answers = await Promise.all([
        here.delete(`/admin/keys/${one.id}`, { key: one.key }),
        there.delete(`/admin/keys/${two.id}`, { key: two.key }),
      ]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
      const left = answers[0].status === 409 ? one : two;
      // The next round needs somebody who administers.
      Object.assign(here, { adminKey: left.key });
    }
  });
});
