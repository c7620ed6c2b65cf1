import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { DataSource } from 'typeorm';
import { ApiKeyAuthenticator } from '../../src/auth/api-key-authenticator.js';
import { Clock } from '../../src/core/clock.js';
import { ChatSocketClient } from '../support/chat-socket.js';
import { FakeIssuer } from '../support/fake-issuer.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

describe('JWTs in place of keys', () => {
  let issuer: FakeIssuer;
  let app: TestApp;
  let project = '';

  beforeAll(async () => {
    issuer = await FakeIssuer.start();
    app = await startTestApp({
      env: {
        JWT_JWKS_URL: issuer.jwksUrl,
        JWT_ISSUER: 'https://id.example/',
        JWT_AUDIENCE: 'trunkline',
        JWT_SCOPES_CLAIM: 'permissions',
      },
    });
    const made = await app.post('/admin/projects', {
      name: 'tokens',
      budgets: [{ window: 'day', amount_usd: 5 }],
    });
    project = ((await made.json()) as { id: string }).id;
  });

  afterAll(async () => {
    await app.close();
    await issuer.stop();
  });

  const now = (): number => Math.floor(Date.now() / 1000);
  const claims = (changes: JWTPayload = {}): JWTPayload => ({
    iss: 'https://id.example/',
    aud: ['other', 'trunkline'],
    sub: 'person-1',
    exp: now() + 300,
    trunkline_project: project,
    permissions: ['chat', 'read:everything'],
    ...changes,
  });
  const outcome = async (key: string, path = '/v1/models'): Promise<[number, string | undefined]> => {
    const response = await app.get(path, { key });
    const { error } = (await response.json()) as { error?: { code: string } };
    return [response.status, error?.code];
  };

  const ledgerRow = async (requestId: string): Promise<unknown> => {
    for (;;) {
      const find = 'select project_id, key_id from usage_request where request_id = $1';
      const [row] = await app.nest.get(DataSource).query<unknown[]>(find, [requestId]);
      if (row) return row;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  };

  it('takes a token of the issuer, with the scopes and the project that it names', async () => {
    const key = await issuer.sign(claims());
    const answer = await app.post('/v1/chat', { message: 'Hi', model: 'local/extractive' }, { key });
    expect(answer.status).toBe(200);
    const row = await ledgerRow(answer.headers.get('x-request-id') ?? '');
    expect(row).toMatchObject({ project_id: project, key_id: expect.stringMatching(/^jwt:[\w-]{24}$/) });
    expect(JSON.stringify(row)).not.toContain('person-1');
    expect(await outcome(key, '/v1/collections')).toEqual([403, 'insufficient_scope']);
    expect(await outcome(key, '/admin/keys')).toEqual([403, 'insufficient_scope']);
    const header = await app.get('/v1/models', { key: null, headers: { 'x-api-key': key } });
    expect(header.status).toBe(200);
  });

  it('takes one as a subprotocol of the chat socket, until it ends', async () => {
    const token = await issuer.sign(claims());
    const socket = await ChatSocketClient.open(app.url, null, { protocols: ['trunkline', `key.${token}`] });
    const asked = { message: 'Hi', model: 'local/extractive' };
    expect(await socket.ask('a', asked)).toMatchObject({ type: 'done' });
    const clock = app.nest.get(Clock);
    const times = (['now', 'monotonic'] as const).map((name) => {
      const later = clock[name]() + 3_600_000;
      return jest.spyOn(clock, name).mockReturnValue(later);
    });
    const answer = await socket.ask('b', asked);
    for (const time of times) time.mockRestore();
    expect(answer).toMatchObject({ status: 401, error: { code: 'invalid_api_key' } });
    expect(await socket.closed).toMatchObject({ code: 1008 });
  });

  it('keeps what somebody was answered in one project out of the others, under the same `Idempotency-Key`', async () => {
    const made = await app.post('/admin/projects', { name: 'other tokens' });
    const { id } = (await made.json()) as { id: string };
    const headers = { 'idempotency-key': 'the-same-everywhere' };
    const replayed = async (trunkline_project: string): Promise<unknown> => {
      const key = await issuer.sign(claims({ trunkline_project }));
      const answer = await app.post('/v1/chat', { message: 'Hi', model: 'local/extractive' }, { key, headers });
      await answer.text();
      return [answer.status, answer.headers.get('idempotent-replayed')];
    };
    expect(await replayed(project)).toEqual([200, null]);
    expect(await replayed(id)).toEqual([200, null]);
    expect(await replayed(project)).toEqual([200, 'true']);
  });

  it('tells people apart, and knows each again', async () => {
    const authenticator = app.nest.get(ApiKeyAuthenticator, { strict: false });
    const idOf = async (changes: JWTPayload): Promise<string> =>
      (await authenticator.authenticate(await issuer.sign(claims(changes)), '192.0.2.1')).keyId;
    const [one, again, other] = [await idOf({}), await idOf({ exp: now() + 900 }), await idOf({ sub: 'person-2' })];
    expect([one === again, one === other]).toEqual([true, false]);
  });

  it('puts the budgets of the project on them', async () => {
    const authenticator = app.nest.get(ApiKeyAuthenticator, { strict: false });
    const principal = await authenticator.authenticate(await issuer.sign(claims()), '192.0.2.1');
    expect(principal).toMatchObject({ models: null, keyLimits: null, budgets: [{ owner: 'project', window: 'day' }] });
  });

  it('reads scopes from a text too, and gives the rights of an administrator to whom the issuer gives them', async () => {
    expect(await outcome(await issuer.sign(claims({ permissions: 'chat rag' })), '/v1/collections')).toEqual([
      200,
      undefined,
    ]);
    expect(await outcome(await issuer.sign(claims({ permissions: 'admin' })), '/admin/keys')).toEqual([200, undefined]);
    for (const permissions of [undefined, null, 5, '', ['ADMIN']] as never[]) {
      const key = await issuer.sign(claims({ permissions }));
      expect(await outcome(key, '/admin/keys')).toEqual([403, 'insufficient_scope']);
    }
  });

  it.each<[string, JWTPayload]>([
    ['another issuer', { iss: 'https://evil.example/' }],
    ['no issuer', { iss: undefined }],
    ['another audience', { aud: 'other' }],
    ['no audience', { aud: undefined }],
    ['an end that is past', { exp: Math.floor(Date.now() / 1000) - 60 }],
    ['no end', { exp: undefined }],
    ['a beginning that is to come', { nbf: Math.floor(Date.now() / 1000) + 3_600 }],
    ['nobody that it speaks of', { sub: undefined }],
    ['no project', { trunkline_project: undefined }],
    ['an unknown project', { trunkline_project: 'proj_none' }],
    ['a project that is no name', { trunkline_project: ['proj_default'] }],
    ['a project with NUL', { trunkline_project: 'proj_a\0' }],
  ])('refuses %s', async (_name, changes) => {
    expect(await outcome(await issuer.sign(claims(changes)))).toEqual([401, 'invalid_api_key']);
  });

  it('takes clocks that differ a little', async () => {
    expect((await outcome(await issuer.sign(claims({ exp: now() - 5 }))))[0]).toBe(200);
  });

  it('refuses tokens that nobody signed, that somebody else signed, and those that were changed', async () => {
    const good = await issuer.sign(claims());
    const [head = '', body = '', signature = ''] = good.split('.');
    const admin = Buffer.from(JSON.stringify(claims({ permissions: ['admin'] }))).toString('base64url');
    const { privateKey } = await generateKeyPair('ES256');
    const header = { alg: 'ES256', kid: 'first' };
    const foreign = await new SignJWT(claims()).setProtectedHeader(header).sign(privateKey);
    // The public key is known to everybody: it must not do as a secret.
    const published = await (await fetch(issuer.jwksUrl)).text();
    const confused = await new SignJWT(claims())
      .setProtectedHeader({ alg: 'HS256', kid: 'first' })
      .sign(Buffer.from(published));
    const unsigned = new UnsecuredJWT(claims()).encode();
    const tried = [
      ...[`${head}.${admin}.${signature}`, `${head}.${body}.${signature.slice(0, -2)}`, `${head}.${body}.`, unsigned],
      ...[foreign, confused, `${unsigned}AAAA`, `${good}.`, `${head}.${body}`, 'eyJ.eyJ.eyJ'],
    ];
    for (const key of tried) expect(await outcome(key)).toEqual([401, 'invalid_api_key']);
  });

  it('refuses those of a disabled project like unknown keys, and takes keys besides', async () => {
    const made = (await (await app.post('/admin/projects', { name: 'closing' })).json()) as { id: string };
    const key = await issuer.sign(claims({ trunkline_project: made.id }));
    expect((await outcome(key))[0]).toBe(200);
    await app.request('PATCH', `/admin/projects/${made.id}`, { text: JSON.stringify({ disabled: true }) });
    const refused = await app.get('/v1/models', { key });
    const unknown = await app.get('/v1/models', { key: 'no-such-key-of-any-project' });
    expect([refused.status, await refused.json()]).toEqual([401, await unknown.json()]);
    expect((await app.get('/v1/models')).status).toBe(200);
  });

  it('goes on while the issuer is away, and says so where that is not possible', async () => {
    const known = await issuer.sign(claims({ sub: 'person-3' }));
    await issuer.addKey('second');
    const unknown = await issuer.sign(claims(), 'second');
    issuer.answer = { status: 503, body: '' };
    expect((await outcome(known))[0]).toBe(200);
    const other = await startTestApp({
      env: { JWT_JWKS_URL: issuer.jwksUrl, JWT_ISSUER: 'https://id.example/', JWT_AUDIENCE: 'trunkline' },
    });
    try {
      const response = await other.get('/v1/models', { key: unknown });
      expect([response.status, await response.json()]).toMatchObject([
        503,
        { error: { code: 'dependency_unavailable' } },
      ]);
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
      expect((await other.get('/v1/models')).status).toBe(200);
    } finally {
      await other.close();
      issuer.answer = null;
    }
  });
});
