import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DataSource } from 'typeorm';
import { KeyPrincipals } from '../../src/auth/key-principals.js';
import { ProjectErasure } from '../../src/auth/project-erasure.service.js';
import { type CallOptions, startTestApp, type TestApp } from '../support/test-app.js';

interface Shown {
  id: string;
  key: string;
  [field: string]: unknown;
}

describe('administration of keys and projects', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startTestApp({ env: { TRUST_PROXY: 'loopback', METRICS_AUTH: 'true' } });
  });

  afterAll(async () => {
    await app.close();
  });

  const read = async (response: Response, status = 200): Promise<Shown> => {
    const body = (await response.json()) as Shown;
    expect([response.status, body]).toEqual([status, expect.anything()]);
    return body;
  };
  const codeOf = async (response: Response): Promise<[number, unknown, unknown]> => {
    const { error } = (await response.json()) as { error?: { code: string; param: string | null } };
    return [response.status, error?.code, error?.param];
  };
  const makeKey = async (body: object = {}): Promise<Shown> =>
    read(await app.post('/admin/keys', { name: 'tried', ...body }), 201);
  const makeProject = async (body: object = {}): Promise<Shown> =>
    read(await app.post('/admin/projects', { name: 'team', ...body }), 201);
  const patch = (path: string, body: object, options: CallOptions = {}): Promise<Response> =>
    app.request('PATCH', path, { ...options, text: JSON.stringify(body) });
  const works = async (key: string): Promise<number> => (await app.get('/v1/models', { key })).status;

  describe('keys', () => {
    it('shows all terms of a key, and takes each of them away again', async () => {
      const made = await makeKey({
        models: ['smart', 'openai/*'],
        limits: { requests_per_minute: 60, concurrency: 5 },
        budgets: [{ window: 'month', amount_usd: 12.5, time_zone: 'Europe/Berlin', model: 'openai/*' }],
        expires_at: '2999-01-01T00:00:00Z',
      });
      const terms = {
        models: ['smart', 'openai/*'],
        limits: { requests_per_minute: 60, tokens_per_minute: null, concurrency: 5 },
        budgets: [{ window: 'month', amount_usd: 12.5, time_zone: 'Europe/Berlin', model: 'openai/*' }],
        expires_at: '2999-01-01T00:00:00.000Z',
        rotated_at: null,
        old_secret_until: null,
      };
      expect(made).toMatchObject(terms);
      const path = `/admin/keys/${made.id}`;
      const { key: _secret, ...shown } = made;
      expect(await read(await app.get(path))).toEqual(shown);
      const kept = await read(await patch(path, { limits: { concurrency: null } }));
      expect(kept.limits).toEqual({ requests_per_minute: 60, tokens_per_minute: null, concurrency: null });
      const bare = await read(await patch(path, { models: null, limits: null, budgets: null, expires_at: null }));
      expect(bare).toMatchObject({ models: null, limits: null, budgets: [], expires_at: null, name: 'tried' });
    });

    it.each<[object, string, string]>([
      [{ models: [] }, 'invalid_value', 'models'],
      [{ models: 'smart' }, 'invalid_type', 'models'],
      [{ models: ['a', 'a'] }, 'invalid_value', 'models'],
      [{ models: ['*mini'] }, 'invalid_value', 'models'],
      [{ models: ['gpt 4'] }, 'invalid_value', 'models'],
      [{ limits: 5 }, 'invalid_type', 'limits'],
      [{ limits: { requests_per_minute: 0 } }, 'invalid_value', 'limits.requests_per_minute'],
      [{ limits: { concurrency: 1.5 } }, 'invalid_type', 'limits.concurrency'],
      [{ limits: { requests_per_second: 1 } }, 'unknown_parameter', 'limits.requests_per_second'],
      [{ budgets: [{ window: 'year', amount_usd: 1 }] }, 'invalid_value', 'budgets[0].window'],
      [{ budgets: [{ window: 'day' }] }, 'missing_required_parameter', 'budgets[0].amount_usd'],
      [{ budgets: [{ window: 'day', amount_usd: -1 }] }, 'invalid_value', 'budgets[0].amount_usd'],
      [{ budgets: [{ window: 'day', amount_usd: 1, time_zone: 'Mars' }] }, 'invalid_value', 'budgets[0].time_zone'],
      [{ budgets: [{ window: 'day', amount_usd: 1, spent_usd: 0 }] }, 'unknown_parameter', 'budgets[0].spent_usd'],
      [{ budgets: { window: 'day', amount_usd: 1 } }, 'invalid_type', 'budgets'],
      [{ expires_at: '2001-01-01T00:00:00Z' }, 'invalid_value', 'expires_at'],
      [{ scopes: [] }, 'invalid_value', 'scopes'],
    ])('refuses the terms %j, new and changed', async (terms, code, param) => {
      expect(await codeOf(await app.post('/admin/keys', { name: 'a', ...terms }))).toEqual([400, code, param]);
      const { id } = await makeKey();
      expect(await codeOf(await patch(`/admin/keys/${id}`, terms))).toEqual([400, code, param]);
    });

    it('A10 refuses fields that nobody may set, and every change by a key that is no admin key', async () => {
      const { id, key } = await makeKey();
      const fields = ['id', 'key', 'key_hash', 'project_id', 'origin', 'created_at', 'revoked_at', 'rotated_at'];
      for (const field of [...fields, 'old_secret_until', 'keyHash']) {
        expect(await codeOf(await patch(`/admin/keys/${id}`, { [field]: 'x' }))).toEqual([
          400,
          'unknown_parameter',
          field,
        ]);
      }
      for (const field of ['name', 'scopes']) {
        const [status, , param] = await codeOf(await patch(`/admin/keys/${id}`, { [field]: null }));
        expect([status, param]).toEqual([400, field]);
      }
      for (const field of ['id', 'disabled_at', 'deleted_at', 'erased_at']) {
        const answer = await patch('/admin/projects/proj_default', { [field]: null });
        expect(await codeOf(answer)).toEqual([400, 'unknown_parameter', field]);
      }
      const forbidden = [403, 'insufficient_scope', null];
      expect(await codeOf(await patch(`/admin/keys/${id}`, { scopes: ['admin'] }, { key }))).toEqual(forbidden);
      expect(await codeOf(await app.post(`/admin/keys/${id}/rotate`, {}, { key }))).toEqual(forbidden);
      for (const field of ['project_id', 'key_id', 'scopes', 'principal', 'budgets']) {
        const answer = await app.post('/v1/chat', { message: 'Hi', [field]: 'proj_default' }, { key });
        expect(await codeOf(answer)).toEqual([400, 'unknown_parameter', field]);
      }
    });

    it('rotates a key with and without an overlap, with and without a body', async () => {
      const first = await makeKey();
      expect(await works(first.key)).toBe(200);
      const second = await read(await app.post(`/admin/keys/${first.id}/rotate`, { overlap_seconds: 3600 }), 201);
      expect(second.id).toBe(first.id);
      expect(Date.parse(String(second.old_secret_until)) - Date.parse(String(second.rotated_at))).toBeGreaterThan(
        3.5e6,
      );
      expect([await works(first.key), await works(second.key)]).toEqual([200, 200]);
      const third = await read(await app.request('POST', `/admin/keys/${first.id}/rotate`), 201);
      expect([await works(first.key), await works(second.key), await works(third.key)]).toEqual([401, 401, 200]);
      expect(third).toMatchObject({ old_secret_until: null });
      for (const overlap of [-1, 1.5, '60', 2_592_001]) {
        const answer = await app.post(`/admin/keys/${first.id}/rotate`, { overlap_seconds: overlap });
        expect((await codeOf(answer)).slice(0, 3)).toEqual([400, expect.anything(), 'overlap_seconds']);
      }
      await app.delete(`/admin/keys/${first.id}`);
      expect(await codeOf(await app.post(`/admin/keys/${first.id}/rotate`, {}))).toEqual([409, 'invalid_state', null]);
      expect(await codeOf(await patch(`/admin/keys/${first.id}`, { name: 'b' }))).toEqual([409, 'invalid_state', null]);
    });

    it('A13 keeps the last admin key in every way', async () => {
      const { data } = (await (await app.get('/admin/keys?limit=100')).json()) as { data: Shown[] };
      const admin = data.find((key) => (key.scopes as string[]).includes('admin') && key.revoked_at === null);
      const path = `/admin/keys/${admin?.id ?? ''}`;
      for (const attempt of [
        () => app.delete(path),
        () => patch(path, { scopes: ['chat'] }),
        () => patch(path, { expires_at: '2999-01-01T00:00:00Z' }),
        () => app.post(`${path}/rotate`, {}),
      ]) {
        expect((await codeOf(await attempt())).slice(0, 2)).toEqual([409, 'last_admin_key']);
      }
      expect((await app.get(path)).status).toBe(200);
    });
  });

  it('spends nothing more in the name of a key that was revoked while its document waited', async () => {
    const { id, key } = await makeKey();
    const principals = app.nest.get(KeyPrincipals, { strict: false });
    const ask = principals.of.bind(principals);
    let goOn = (): void => undefined;
    const gate = new Promise<void>((resolve) => (goOn = resolve));
    const waiting = jest.spyOn(principals, 'of').mockImplementation((...of) => gate.then(() => ask(...of)));
    const content = { content: 'Trunk lines join switchboards.', source: 'waiting.md' };
    const queued = (await (await app.post('/v1/index', content, { key })).json()) as { job_id: string };
    await app.delete(`/admin/keys/${id}`);
    goOn();
    const job = await app.waitForJob(queued.job_id);
    waiting.mockRestore();
    expect(job).toMatchObject({ status: 'failed', error: { code: 'invalid_api_key' } });
  });

  describe('projects', () => {
    it('shows limits and budgets, and refuses the keys of a disabled one as unknown ones', async () => {
      const project = await makeProject({
        limits: { tokens_per_minute: 1000 },
        budgets: [{ window: 'total', amount_usd: 3 }],
      });
      expect(project).toMatchObject({
        limits: { requests_per_minute: null, tokens_per_minute: 1000, concurrency: null },
        budgets: [{ window: 'total', amount_usd: 3, time_zone: 'UTC', model: null }],
        disabled_at: null,
      });
      const path = `/admin/projects/${project.id}`;
      const { key } = await makeKey({ project_id: project.id });
      expect(await works(key)).toBe(200);
      expect(await read(await patch(path, { disabled: true, name: 'crew' }))).toMatchObject({
        name: 'crew',
        disabled_at: expect.any(String),
      });
      const refused = await app.get('/v1/models', { key });
      const unknown = await app.get('/v1/models', { key: 'no-such-key-of-any-project' });
      expect([refused.status, await refused.json()]).toEqual([unknown.status, await unknown.json()]);
      await patch(path, { disabled: false, limits: null, budgets: [] });
      expect([await works(key), await read(await app.get(path))]).toMatchObject([
        200,
        { limits: null, budgets: [], disabled_at: null },
      ]);
      for (const body of [{ disabled: 'yes' }, { disabled: null }, { name: ' ' }]) {
        expect((await patch(path, body)).status).toBe(400);
      }
    });

    it('erases what a deleted one stored, and keeps what it used', async () => {
      const { id } = await makeProject();
      const { id: keyId, key } = await makeKey({ project_id: id });
      const content = { content: 'Trunk lines join switchboards.', source: 'a.md' };
      const queued = (await (await app.post('/v1/index', content, { key })).json()) as { job_id: string };
      await app.waitForJob(queued.job_id, { key });
      await app.post('/v1/chat', { message: 'Hi', model: 'local/extractive' }, { key });
      const sql = app.nest.get(DataSource);
      const count = async (table: string): Promise<number> => {
        const rows = await sql.query<unknown[]>(`select 1 from ${table} where project_id = $1`, [id]);
        return rows.length;
      };
      while ((await count('usage_request')) < 2) await new Promise((resolve) => setTimeout(resolve, 25));
      const used = await count('usage_request');
      expect(await read(await app.delete(`/admin/projects/${id}`))).toEqual({ id, deleted: true });
      expect(await works(key)).toBe(401);
      const tables = ['collection', 'document', 'document_version', 'chunk', 'chunk_lexical', 'chunk_embedding', 'job'];
      while ((await Promise.all(tables.map(count))).some((rows) => rows > 0)) {
        app.nest.get(ProjectErasure, { strict: false }).start();
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
      expect(await count('usage_request')).toBe(used);
      expect((await app.get(`/admin/projects/${id}`)).status).toBe(404);
      expect(await read(await app.get(`/admin/keys/${keyId}`))).toMatchObject({ revoked_at: expect.any(String) });
      expect(await codeOf(await app.post('/admin/keys', { name: 'a', project_id: id }))).toEqual([
        404,
        'not_found',
        'project_id',
      ]);
    });

    it('keeps the default one, and that of the last admin key', async () => {
      const path = '/admin/projects/proj_default';
      expect((await codeOf(await app.delete(path))).slice(0, 2)).toEqual([409, 'invalid_state']);
      expect((await codeOf(await patch(path, { disabled: true }))).slice(0, 2)).toEqual([409, 'invalid_state']);
    });
  });

  it('A14 shows without a key what is open, and nothing of keys or projects in the metrics', async () => {
    const { id, key } = await makeKey();
    await works(key);
    const metrics = await app.get('/metrics');
    const text = await metrics.text();
    expect(metrics.status).toBe(200);
    for (const secret of [id, key, 'key_', 'proj_']) expect(text).not.toContain(secret);
    expect((await app.get('/metrics', { key })).status).toBe(403);
    expect((await app.get('/metrics', { key: null })).status).toBe(401);
    for (const path of ['/health/live', '/health/ready', '/health/startup', '/docs', '/openapi.json']) {
      const answer = await app.get(path, { key: null });
      expect([path, answer.status]).toEqual([path, 200]);
      expect(await answer.text()).not.toMatch(/postgres(?:ql)?:\/\/|tl_[0-9A-Z]{24}_/);
    }
  });

  it('writes down who gave a provider another chance', async () => {
    expect((await app.post('/admin/providers/local/reset', { reason: 'a new key' })).status).toBe(200);
    expect(await (await app.get('/admin/audit?target=local')).json()).toMatchObject({
      data: [{ action: 'provider.reset', target: 'local', changes: { reason: 'a new key' } }],
    });
  });

  it('writes down who changed what, from where', async () => {
    const { id, key } = await makeKey();
    const headers = { 'x-forwarded-for': '203.0.113.9', 'x-request-id': 'patched-by-us' };
    await patch(`/admin/keys/${id}`, { name: 'renamed' }, { headers });
    const page = (await (await app.get(`/admin/audit?target=${id}`)).json()) as { data: Shown[]; has_more: boolean };
    const [last, first] = page.data;
    expect([page.data.length, page.has_more, first?.action]).toEqual([2, false, 'key.create']);
    expect(last).toMatchObject({
      id: expect.stringMatching(/^aud_/),
      actor: expect.stringMatching(/^key_/),
      address: '203.0.113.9',
      request_id: 'patched-by-us',
      action: 'key.change',
      target: id,
      changes: { name: { from: 'tried', to: 'renamed' } },
    });
    const next = await app.get(`/admin/audit?target=${id}&limit=1&after=${String(last?.id)}`);
    expect(await next.json()).toMatchObject({ data: [{ id: first?.id }], has_more: false });
    expect((await codeOf(await app.get('/admin/audit?after=aud_none')))[1]).toBe('invalid_cursor');
    expect((await codeOf(await app.get('/admin/audit?who=x')))[0]).toBe(400);
    expect((await app.get('/admin/audit', { key })).status).toBe(403);
  });
});
