import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeGemini } from '../../../../test/fakes/fake-gemini.js';
import { FakeClock } from '../../../../test/support/fake-clock.js';
import { type Clock, SystemClock } from '../../../core/clock.js';
import { collectChat } from '../../../core/chat/collect-chat.js';
import type { ChatResult } from '../../../core/chat/chat-result.js';
import type { ProviderConfig, TimeoutConfig } from '../../../config/gateway-config.js';
import type { AttemptContext } from '../../provider-adapter.js';
import { HttpTransport } from '../../transport/http-transport.js';
import { GeminiAdapter } from './gemini-adapter.js';
import { createGeminiEndpoint } from './gemini-endpoint.js';

const HOUR_MS = 3_600_000;
const fake = new FakeGemini();
const directory = mkdtempSync(join(tmpdir(), 'gemini-vertex-'));
const credentialsFile = join(directory, 'account.json');
const transports: HttpTransport[] = [];

beforeAll(async () => {
  await fake.start();
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const account = {
    type: 'service_account',
    client_email: 'gateway@p.iam.gserviceaccount.com',
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    token_uri: fake.tokenUrl,
  };
  writeFileSync(credentialsFile, JSON.stringify(account));
});
beforeEach(() => {
  fake.reset();
});
afterAll(async () => {
  await Promise.all(transports.map((transport) => transport.close()));
  await fake.stop();
  rmSync(directory, { recursive: true });
});

function adapter(clock: Clock = new SystemClock(), file = credentialsFile): GeminiAdapter {
  const vertex = { project: 'p', location: 'us-central1', credentialsFile: file };
  const transport = new HttpTransport(clock);
  transports.push(transport);
  return new GeminiAdapter({ type: 'vertex', baseUrl: fake.url, headers: {}, vertex } as ProviderConfig, transport);
}

function attempt(rest: Partial<AttemptContext> = {}, timeouts: Partial<TimeoutConfig> = {}): AttemptContext {
  const ms = 5_000;
  const all = { connectMs: ms, firstContentMs: ms, responseHeadMs: ms, idleMs: ms, bodyMs: ms, totalMs: ms };
  return {
    callId: 'req_1',
    signal: new AbortController().signal,
    apiKey: null,
    timeouts: { ...all, ...timeouts },
    maxOutputTokens: null,
    warn: () => undefined,
    skipped: () => undefined,
    implausibleUsage: () => undefined,
    ...rest,
  };
}

function ask(by: GeminiAdapter, context = attempt()): Promise<ChatResult> {
  const content = [{ type: 'text' as const, text: 'Hi' }];
  return collectChat(
    by.chat('gemini-2.5-pro', { model: 'a', stream: false, messages: [{ role: 'user', content }] }, context),
  );
}

describe('Vertex AI', () => {
  it('is asked in the project, with a token that is fetched once', async () => {
    const by = adapter();
    const answers = await Promise.all([ask(by), ask(by), ask(by)]);
    await ask(by);
    expect(answers.map(({ choices }) => choices[0]?.text)).toEqual(['Echo: Hi', 'Echo: Hi', 'Echo: Hi']);
    expect(fake.tokenRequests).toHaveLength(1);
    expect(fake.modelRequests).toHaveLength(4);
    expect(fake.modelRequests[0]).toMatchObject({
      path: '/v1/projects/p/locations/us-central1/publishers/google/models/gemini-2.5-pro:generateContent',
      headers: { authorization: expect.stringMatching(/^Bearer ya29\.fake-/) },
    });
  });

  it('takes the account of a person', async () => {
    const file = join(directory, 'person.json');
    const person = { type: 'authorized_user', client_id: 'c', client_secret: 's', refresh_token: 'r' };
    writeFileSync(file, JSON.stringify({ ...person, quota_project_id: 'billed', token_uri: fake.tokenUrl }));
    await ask(adapter(undefined, file));
    expect(fake.tokenRequests[0]?.bodyText).toContain('refresh_token=r');
    expect(fake.modelRequests[0]?.headers['x-goog-user-project']).toBe('billed');
  });

  it('takes a key alone in place of a project', async () => {
    await ask(adapter(), attempt({ apiKey: 'key' }));
    expect(fake.requests).toMatchObject([
      { path: '/v1/publishers/google/models/gemini-2.5-pro:generateContent', headers: { 'x-goog-api-key': 'key' } },
    ]);
  });

  it.each([
    ['global', 'https://aiplatform.googleapis.com'],
    ['europe-west4', 'https://europe-west4-aiplatform.googleapis.com'],
    ['eu', 'https://aiplatform.eu.rep.googleapis.com'],
  ])('stands for %s at %s', (location, origin) => {
    const config = { type: 'vertex', baseUrl: null, vertex: { project: 'a/b', location, credentialsFile: null } };
    const place = createGeminiEndpoint(config as unknown as ProviderConfig, new HttpTransport(new SystemClock()));
    expect(place.urlOf('m/x', 'predict', { apiKey: null }).href).toBe(
      `${origin}/v1/projects/a%2Fb/locations/${location}/publishers/google/models/m%2Fx:predict`,
    );
  });

  it('renews a token before it ends, behind the back of the request, and waits for one only when it must', async () => {
    const clock = new FakeClock();
    const by = adapter(clock);
    await ask(by);
    await clock.advance(HOUR_MS - 400_000);
    await ask(by);
    expect(fake.tokenRequests).toHaveLength(1);

    await clock.advance(200_000);
    fake.tokens.failWith(503);
    await ask(by);
    await fake.waitForRequests(5);
    expect(fake.tokenRequests).toHaveLength(2);
    await ask(by);
    expect(fake.tokenRequests).toHaveLength(2);

    await clock.advance(199_000);
    await ask(by);
    expect(fake.tokenRequests).toHaveLength(3);
    expect(fake.modelRequests.at(-1)?.headers.authorization).not.toBe(fake.modelRequests[0]?.headers.authorization);
  });

  it('F12: asks for another token once the one it has was refused', async () => {
    const by = adapter();
    await ask(by);
    fake.failWith(401);
    await expect(ask(by)).rejects.toMatchObject({
      kind: 'authentication',
      message: 'The provider refused the credential.',
    });
    await ask(by);
    expect(fake.tokenRequests).toHaveLength(2);
  });

  it.each([
    [400, 'authentication', { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' }],
    [401, 'authentication', { error: 'invalid_client' }],
    [404, 'authentication', null],
    [429, 'rate-limited', null],
    [500, 'server-error', null],
    [503, 'overloaded', null],
  ])('F12: a %i in place of a token is %s, at once and asked once', async (status, kind, body) => {
    fake.tokens.failWith(status, body, { 'retry-after': '7' }).forever();
    const startedAt = performance.now();
    await expect(ask(adapter())).rejects.toMatchObject({ kind, status });
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(fake.requests.map(({ route }) => route)).toEqual(['POST /token']);
  });

  it('F05: waits for a token no longer than its timers allow, and closes the connection', async () => {
    fake.tokens.hang();
    await expect(ask(adapter(), attempt({}, { responseHeadMs: 50 }))).rejects.toMatchObject({ kind: 'timeout' });
    await fake.waitForClose();
  });

  it('F05: gives a token no such time as an answer', async () => {
    fake.tokens.hang();
    const clock = new FakeClock();
    const asked = ask(adapter(clock), attempt({}, { responseHeadMs: 120_000 }));
    const refused = expect(asked).rejects.toMatchObject({ kind: 'timeout' });
    await fake.waitForRequests(1);
    await clock.advance(15_000);
    await refused;
    await fake.waitForClose();
  });

  it('waits for a token no longer than its own signal allows, and others wait on', async () => {
    const first = fake.tokens.stallAfter(0);
    const by = adapter();
    const controller = new AbortController();
    const left = ask(by, attempt({ signal: controller.signal }));
    const stays = ask(by);
    await fake.waitForRequests(1);
    controller.abort(new Error('The client left.'));
    await expect(left).rejects.toMatchObject({ kind: 'aborted' });
    first.release();
    expect((await stays).choices[0]?.text).toBe('Echo: Hi');
    expect(fake.tokenRequests).toHaveLength(1);
  });

  it('gives up a token that nobody waits for any more', async () => {
    fake.tokens.hang();
    const controller = new AbortController();
    const by = adapter();
    const asked = ask(by, attempt({ signal: controller.signal }, { responseHeadMs: 60_000 }));
    await fake.waitForRequests(1);
    controller.abort();
    await expect(asked).rejects.toMatchObject({ kind: 'aborted' });
    await fake.waitForClose();
    await ask(by);
    expect(fake.tokenRequests).toHaveLength(2);
  });

  it.each([
    ['is missing', 'nowhere.json', null],
    ['is no JSON', 'text.json', '-----BEGIN'],
    ['holds a list', 'list.json', '[]'],
    ['holds a key that is none', 'key.json', '{"type":"service_account","client_email":"a@b","private_key":"SECRET"}'],
  ])('a credentials file that %s is an authentication error that says nothing of it', async (_what, name, text) => {
    const file = join(directory, name);
    if (text !== null) writeFileSync(file, text);
    const error: unknown = await ask(adapter(undefined, file)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'ProviderError', kind: 'authentication' });
    expect((error as Error).message).not.toContain('SECRET');
    expect(fake.requests).toHaveLength(0);
  });
});
