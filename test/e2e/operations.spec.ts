import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestApp, type TestApp } from '../support/test-app.js';

interface OpenApiOperation {
  summary?: string;
  security?: unknown[];
  responses: Record<string, { description?: string; content?: object }>;
  requestBody?: { content?: Record<string, { schema?: object }> };
}

interface OpenApiDocument {
  openapi: string;
  paths: Record<string, Record<string, OpenApiOperation>>;
  components: { schemas: Record<string, object>; securitySchemes: Record<string, object> };
}

// They say with their path all that there is to say.
const BODILESS = new Set([
  'POST /v1/jobs/{id}/retry',
  'POST /v1/collections/{id}/recount',
  'POST /v1/responses/{id}/cancel',
  'POST /v1/webhooks/{id}/test',
  'POST /admin/webhooks/deliveries/{id}/redeliver',
  'POST /v1/batches/{id}/cancel',
]);

describe('operations', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startTestApp();
  });

  afterAll(async () => {
    await app.close();
  });

  it.each(['/health/live', '/health/ready', '/health/startup'])('%s needs no key and says ok', async (path) => {
    const response = await app.get(path, { key: null });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ status: 'ok' });
  });

  it('welcomes a visitor', async () => {
    const response = await app.get('/', { key: null });
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('/docs');
  });

  it('counts what it served, with labels from closed sets', async () => {
    await app.post('/v1/chat', { message: 'Hello' });
    await (await app.post('/v1/chat/stream', { message: 'Hello' })).text();
    await app.get('/v1/no-such-route-1');
    await app.get('/v1/no-such-route-2');
    const text = await (await app.get('/metrics', { key: null })).text();
    for (const name of [
      'trunkline_http_requests_total',
      'trunkline_http_request_duration_seconds_bucket',
      'trunkline_first_content_seconds_bucket',
      'trunkline_tokens_total',
      'trunkline_cost_usd_total',
      'trunkline_attempts_total',
      'trunkline_queue_depth',
      'process_resident_memory_bytes',
    ]) {
      expect(text).toContain(name);
    }
    expect(text).toMatch(/trunkline_http_requests_total\{[^}]*route="\/v1\/chat"[^}]*\} 1/);
    expect(text).not.toContain('no-such-route');
    expect(text).not.toContain(app.adminKey);
  });

  it('shows Swagger UI and a document that is complete', async () => {
    const page = await app.get('/docs', { key: null });
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toContain('text/html');

    const document = (await (await app.get('/openapi.json', { key: null })).json()) as OpenApiDocument;
    expect(Object.keys(document.components.securitySchemes).length).toBeGreaterThanOrEqual(2);
    const documented: string[] = [];
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        const name = `${method.toUpperCase()} ${path}`;
        documented.push(name.replace(/\{[^}]+\}/g, '{id}'));
        expect([name, operation.summary]).toEqual([name, expect.stringMatching(/\S/)]);
        const statuses = Object.keys(operation.responses);
        expect([name, statuses.some((status) => /^2|^101$/.test(status))]).toEqual([name, true]);
        if (operation.security && operation.security.length > 0)
          expect([name, statuses]).toEqual([name, expect.arrayContaining(['401'])]);
        if (method === 'post' && !BODILESS.has(name))
          expect([name, operation.requestBody?.content]).toEqual([name, expect.anything()]);
      }
    }
    const routes = app.routes();
    expect(documented.sort()).toEqual(routes);

    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    const table = readme.slice(readme.indexOf('## Routes'), readme.indexOf('## On PostgreSQL'));
    const shown = [...table.matchAll(/`(GET|POST|DELETE|PATCH) (\/[^`]*)`/g)].map(
      (match) => `${match[1] ?? ''} ${match[2] ?? ''}`,
    );
    const reachable = routes.concat(['GET /', 'GET /docs', 'GET /openapi.json', 'GET /metrics']);
    expect([...new Set(shown)].filter((route) => !reachable.includes(route))).toEqual([]);
    expect(routes.filter((route) => !shown.includes(route))).toEqual([]);
  });

  it('asks for a key on every route but the public ones', async () => {
    const open = new Set(['GET /', 'GET /health/live', 'GET /health/ready', 'GET /health/startup', 'GET /metrics']);
    for (const route of app.routes()) {
      const [method = '', path = ''] = route.split(' ');
      const response = await app.request(method, path.replace('{id}', 'x'), { key: null });
      expect([route, response.status]).toEqual([route, open.has(route) ? 200 : 401]);
      if (open.has(route)) continue;
      expect(response.headers.get('www-authenticate')).toMatch(/Bearer/);
      const isAnthropics = path.startsWith('/v1/messages');
      expect(await response.json()).toMatchObject({
        ...(isAnthropics && { type: 'error', request_id: response.headers.get('request-id') }),
        error: {
          type: 'authentication_error',
          message: expect.any(String),
          ...(!isAnthropics && { code: 'missing_api_key', param: null }),
        },
      });
    }
  });

  it('takes a key in either header, and refuses two different ones', async () => {
    const bare = { key: null } as const;
    const bearer = { authorization: `Bearer ${app.adminKey}` };
    const apiKey = { 'x-api-key': app.adminKey };
    expect((await app.get('/v1/models', { ...bare, headers: bearer })).status).toBe(200);
    expect((await app.get('/v1/models', { ...bare, headers: apiKey })).status).toBe(200);
    expect((await app.get('/v1/models', { ...bare, headers: { ...bearer, ...apiKey } })).status).toBe(200);
    const two = await app.get('/v1/models', {
      ...bare,
      headers: { ...bearer, 'x-api-key': 'something-else-entirely' },
    });
    expect(two.status).toBe(401);
    expect(await two.json()).toMatchObject({ error: { code: 'ambiguous_credentials' } });
  });

  it('makes a key, shows it once, lists and revokes it', async () => {
    const made = await app.post('/admin/keys', { name: 'for the demo', scopes: ['chat'] });
    expect(made.status).toBe(201);
    const { id, key } = (await made.json()) as { id: string; key: string };
    expect(key).toMatch(/^tl_/);
    expect((await app.post('/v1/chat', { message: 'Hi' }, { key })).status).toBe(200);
    const refused = await app.post('/v1/query', { question: 'May I?' }, { key });
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ error: { type: 'permission_error', code: 'insufficient_scope' } });
    const list = await (await app.get('/admin/keys')).text();
    expect(list).toContain(id);
    expect(list).not.toContain(key);
    expect((await app.delete(`/admin/keys/${id}`)).status).toBeLessThan(300);
    const after = await app.post('/v1/chat', { message: 'Hi' }, { key });
    expect(after.status).toBe(401);
    expect((await app.get('/admin/keys', { key })).status).toBe(401);
  });

  it('A13 keeps the last admin key', async () => {
    const { data } = (await (await app.get('/admin/keys')).json()) as { data: { id: string; scopes: string[] }[] };
    const admin = data.find((key) => key.scopes.includes('admin'));
    const response = await app.delete(`/admin/keys/${admin?.id ?? ''}`);
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ error: { code: 'last_admin_key' } });
  });

  it.each([
    ['H01 broken JSON', '{"a":', 400, 'invalid_json'],
    ['H02 an array', '[]', 400, 'invalid_request_body'],
    ['H02 null', 'null', 400, 'invalid_request_body'],
    ['H02 nothing', '', 400, 'invalid_request_body'],
    ['C05 deep nesting', `{"a":${'['.repeat(40_000)}${']'.repeat(40_000)}}`, 400, 'nesting_too_deep'],
    ['C09 NUL', '{"message":"a\\u0000b"}', 400, 'invalid_character'],
    ['C10 a lone surrogate', '{"message":"\\ud83d"}', 400, 'invalid_unicode'],
  ])('%s', async (_row, text, status, code) => {
    const response = await app.request('POST', '/v1/chat', { text });
    expect(response.status).toBe(status);
    const { error } = (await response.json()) as { error: Record<string, unknown> };
    expect(error).toMatchObject({ code, type: 'invalid_request_error' });
    expect(Object.keys(error)).toEqual(expect.arrayContaining(['message', 'type', 'param', 'code']));
    expect(response.headers.get('x-request-id')).toBeTruthy();
  });

  it('H03, H17, H18: media type, method and path', async () => {
    const plain = await app.request('POST', '/v1/chat', { text: '{}', headers: { 'content-type': 'text/plain' } });
    expect([plain.status, await plain.json()]).toMatchObject([415, { error: { code: 'unsupported_media_type' } }]);
    const method = await app.delete('/v1/chat/completions');
    expect([method.status, method.headers.get('allow'), await method.json()]).toMatchObject([
      405,
      expect.stringContaining('POST'),
      { error: { code: 'method_not_allowed' } },
    ]);
    const path = await app.get('/v1/nothing');
    expect([path.status, await path.json()]).toMatchObject([404, { error: { code: 'not_found' } }]);
    expect(path.headers.get('x-powered-by')).toBeNull();
    expect(path.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('takes a body of 2 MB and refuses one over the limit', async () => {
    const big = await app.post('/v1/chat', { message: 'words '.repeat(350_000) });
    expect(big.status).toBe(200);
    const huge = await app.request('POST', '/v1/chat', {
      text: JSON.stringify({ message: 'a'.repeat(17 * 1024 * 1024) }),
    });
    expect([huge.status, await huge.json()]).toMatchObject([413, { error: { code: 'request_too_large' } }]);
  });
});
