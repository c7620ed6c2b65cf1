import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { HostResolver } from '../../src/egress/host-resolver.js';
import { FakeAnthropic } from '../fakes/fake-anthropic.js';
import { FakeGemini } from '../fakes/fake-gemini.js';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import { dataUrl, makeGif, makeJpeg, makePng } from '../support/make-image.js';
import { ScriptedResolver } from '../support/scripted-resolver.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { startCanaries, WebHost } from '../support/web-host.js';

// One loopback address stands for the public internet.
const PUBLIC = '127.0.0.2';
const COMPLETIONS = '/v1/chat/completions';
const PARAM = 'messages[0].content[0].image_url.url';
const PHOTO = makeJpeg(640, 480);
const INLINE = { mimeType: 'image/jpeg', data: PHOTO.toString('base64') };

type Page = [body: Buffer | string, headers?: Record<string, string>, status?: number];

interface Refused {
  error: { code: string; message: string; param: string | null };
}

describe('images by URL and inline (vision)', () => {
  const openAi = new FakeOpenAi();
  const claude = new FakeAnthropic();
  const google = new FakeGemini();
  const resolver = new ScriptedResolver();
  const canaries: WebHost[] = [];
  let web: WebHost;
  let app: TestApp;

  beforeAll(async () => {
    const host = await WebHost.start(PUBLIC);
    if (!host) throw new Error('There is no second loopback address here.');
    web = host;
    canaries.push(...(await startCanaries()));
    await Promise.all([openAi.start(), claude.start(), google.start()]);
    app = await startTestApp({
      env: { EGRESS_ALLOW: `${PUBLIC}/32` },
      gateway: {
        providers: {
          openai: { type: 'openai', base_url: openAi.url, api_keys: ['sk-fake-openai'] },
          claude: { type: 'anthropic', base_url: claude.url, api_keys: ['sk-fake-anthropic'] },
          gemini: { type: 'gemini', base_url: google.url, api_keys: ['AIza-fake'] },
        },
        tools: {
          look: { description: 'Looks.', parameters: { type: 'object' }, url: `${web.origin}/look` },
        },
        models: {
          sees: { targets: ['gemini/gemini-2.5-flash'] },
          either: { targets: ['openai/gpt-5.4-mini', 'gemini/gemini-2.5-flash'] },
        },
      },
    });
    const real = app.nest.get(HostResolver, { strict: false });
    real.resolve = (hostname) => resolver.resolve(hostname);
  });

  beforeEach(() => {
    for (const fake of [openAi, claude, google]) fake.reset();
    web.reset();
    app.resetProviders();
    // The extension and the server's word for it are wrong: the bytes count.
    web.serve('/photo.png', PHOTO, { 'content-type': 'image/png' });
    resolver.say('pictures.example', [PUBLIC]);
  });

  afterAll(async () => {
    const visits = canaries.map(({ connections }) => connections);
    await Promise.all([web, ...canaries].map((host) => host.stop()));
    await app.close();
    await Promise.all([openAi.stop(), claude.stop(), google.stop()]);
    expect(visits).toEqual(canaries.map(() => 0));
  });

  const at = (path: string): string => `http://pictures.example:${String(web.port)}${path}`;

  const body = (model: string, ...urls: string[]): object => ({
    model,
    messages: [{ role: 'user', content: urls.map((url) => ({ type: 'image_url', image_url: { url } })) }],
  });

  const inlineOf = (index = 0): unknown[] => {
    const sent = google.requests[index]?.body as { contents?: { parts?: { inlineData?: unknown }[] }[] } | undefined;
    return (sent?.contents ?? []).flatMap(({ parts }) => parts ?? []).flatMap((part) => part.inlineData ?? []);
  };

  const beginConversation = async (): Promise<string> => {
    const begun = await app.post('/v1/chat', { model: 'sees', message: 'Hi' });
    return ((await begun.json()) as { conversation_id: string }).conversation_id;
  };

  const refuses = async (code: string, ...urls: string[]): Promise<void> => {
    const response = await app.post(COMPLETIONS, body('sees', ...urls));
    const { error } = (await response.json()) as Refused;
    expect([response.status, error.code, error.param]).toEqual([400, code, PARAM]);
    expect(error.message).not.toMatch(/127\.0|ECONN|ENOTFOUND|undici/);
    expect(google.requests).toHaveLength(0);
    const id = response.headers.get('x-request-id') ?? '';
    expect((await app.get(`/v1/usage/requests/${id}`)).status).toBe(404);
  };

  it.each(['openai/gpt-5.4-mini', 'claude/claude-sonnet-5'])('leaves the URL to %s', async (model) => {
    expect((await app.post(COMPLETIONS, body(model, at('/photo.png')))).status).toBe(200);
    const sent = [...openAi.requests, ...claude.requests].map((request) => request.body);
    expect(JSON.stringify(sent)).toContain(at('/photo.png'));
    expect([web.requests, web.connections]).toEqual([[], 0]);
  });

  it('fetches for who does not, once for each URL, with nothing of ours (S14)', async () => {
    const twice = body('sees', at('/photo.png'), at('/photo.png'));
    expect((await app.post(COMPLETIONS, twice, { headers: { cookie: 'a=b' } })).status).toBe(200);
    expect(inlineOf()).toEqual([INLINE, INLINE]);
    expect(web.requests).toHaveLength(1);
    expect(web.requests[0]?.headers).toEqual({
      host: `pictures.example:${String(web.port)}`,
      accept: 'image/png, image/jpeg, image/gif, image/webp',
      'accept-encoding': 'identity',
      connection: 'keep-alive',
    });
  });

  it('does so on our own routes, streamed and not, and for the result of a tool', async () => {
    expect((await app.post('/v1/chat', body('sees', at('/photo.png')))).status).toBe(200);
    const stream = await app.post('/v1/chat/stream', body('sees', at('/photo.png')));
    expect(await stream.text()).toContain('"type":"done"');
    expect([inlineOf(0).length, inlineOf(1).length]).toEqual([1, 1]);
    const call = { id: 'c', type: 'function', function: { name: 'look', arguments: '{}' } };
    const result = [{ type: 'image_url', image_url: { url: at('/photo.png') } }];
    const messages = [
      { role: 'user', content: 'Look.' },
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: 'c', content: result },
    ];
    expect((await app.post(COMPLETIONS, { model: 'sees', messages })).status).toBe(200);
    expect(inlineOf(2)).toHaveLength(1);
  });

  it('names the type that an inline image has', async () => {
    const response = await app.post(COMPLETIONS, body('sees', dataUrl(PHOTO, 'image/jpg')));
    expect(response.status).toBe(200);
    expect(inlineOf()).toEqual([INLINE]);
    expect((await app.post(COMPLETIONS, body('claude/claude-sonnet-5', dataUrl(PHOTO, 'image/jpg')))).status).toBe(200);
    expect(JSON.stringify(claude.requests[0]?.body)).toContain('"media_type":"image/jpeg"');
  });

  it('counts the tokens of an image by its size, as the vendor does, where nobody else does', async () => {
    google.noUsage();
    const wide = await app.post(COMPLETIONS, body('sees', dataUrl(makePng(3_000, 1_500), 'image/png')));
    const row = await app.ledgerRow(wide.headers.get('x-request-id') ?? '');
    // Two times four tiles of 258, and a few tokens around it.
    expect(row).toMatchObject({ usage: { estimated: true, input_tokens: 8 * 258 + 6 } });
  });

  it('fetches for a fallback too, which may go without what cannot be fetched', async () => {
    openAi.failWith(500).forever();
    expect((await app.post(COMPLETIONS, body('either', at('/photo.png')))).status).toBe(200);
    expect(inlineOf()).toHaveLength(1);
    openAi.reset();
    expect((await app.post(COMPLETIONS, body('either', at('/nothing')))).status).toBe(200);
    expect(openAi.requests).toHaveLength(1);
  });

  it('fetches nothing for a key that may not use the model', async () => {
    const made = await app.post('/admin/keys', { name: 'narrow', models: ['openai/*'] });
    const { key } = (await made.json()) as { key: string };
    const response = await app.post(COMPLETIONS, body('sees', at('/photo.png')), { key });
    expect([response.status, web.requests]).toEqual([403, []]);
  });

  it.each<[string, string, () => Page]>([
    ['a page', 'url_fetch_failed', () => ['<html>', { 'content-type': 'text/html' }]],
    ['a refusal', 'url_fetch_failed', () => [PHOTO, {}, 403]],
    ['an announced gigabyte', 'url_too_large', () => ['x', { 'content-length': String(1024 ** 3) }]],
    ['a picture of 60,000 x 60,000', 'image_too_large', () => [makePng(60_000, 60_000)]],
    ['a GIF of 10,000 frames', 'image_too_large', () => [makeGif(2, 2, 10_000)]],
    ['a text', 'unsupported_image', () => ['hello', { 'content-type': 'image/png' }]],
    ['an SVG', 'unsupported_image', () => ['<svg/>', { 'content-type': 'image/svg+xml' }]],
    ['the way to this machine', 'url_not_allowed', () => ['', { location: canaries[0]?.origin ?? '' }, 302]],
    ['a loop', 'url_not_allowed', () => ['', { location: '/x' }, 302]],
  ])('S08 S11 S12: refuses %s', async (_name, code, pageOf) => {
    web.serve('/x', ...pageOf());
    await refuses(code, at('/x'));
  });

  it('S11: refuses a broken connection', async () => {
    web.page('/broken', (request) => request.socket.destroy());
    await refuses('url_fetch_failed', at('/broken'));
  });

  it('S09 S10 S15: refuses names that lead inside, and says the same of all', async () => {
    resolver.say('inside.example', ['127.0.0.1']);
    resolver.say('mixed.example', [PUBLIC, '::1']);
    for (const { port } of canaries) {
      for (const name of ['inside.example', 'mixed.example', 'unknown.example']) {
        await refuses('url_not_allowed', `http://${name}:${String(port)}/cat.png`);
      }
    }
  });

  it("ends a fetch when the client leaves, and at the client's own deadline", async () => {
    const ends = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
    const arrived = Promise.withResolvers<undefined>();
    web.page('/silence', (request) => {
      const end = ends[web.requests.length - 1];
      request.socket.once('close', () => end?.resolve('closed'));
      arrived.resolve(undefined);
    });
    const leave = new AbortController();
    const left = app.post(COMPLETIONS, body('sees', at('/silence')), { signal: leave.signal }).catch(() => null);
    await arrived.promise;
    leave.abort();
    expect(await left).toBeNull();
    const headers = { 'x-trunkline-timeout-ms': '500' };
    const late = app.post(COMPLETIONS, body('sees', at('/silence')), { headers });
    // The one that was left ends first, though it had ten seconds.
    expect(await Promise.race([ends[0]?.promise, late.then(() => 'answered')])).toBe('closed');
    expect([(await late).status, ((await (await late).json()) as Refused).error.code]).toEqual([
      400,
      'url_fetch_failed',
    ]);
    await ends[1]?.promise;
    expect(google.requests).toHaveLength(0);
  });

  it('forgets a URL in a conversation that was refused when it came', async () => {
    const id = await beginConversation();
    const bad = canaries[0]?.origin ?? '';
    const model = 'openai/gpt-5.4-mini';
    const refused = await app.post('/v1/chat', { ...body(model, bad), conversation_id: id });
    expect([refused.status, ((await refused.json()) as Refused).error.param]).toEqual([400, PARAM]);
    expect((await app.post('/v1/chat', { model, message: 'Well?', conversation_id: id })).status).toBe(200);
    expect(openAi.requests).toHaveLength(1);
    expect(JSON.stringify(openAi.requests[0]?.body)).not.toContain(bad);
  });

  it.each([
    ['', {}],
    [' in which tools are run', { server_tools: ['http:look'] }],
  ])('goes on with a conversation whose picture is gone%s', async (_name, rest) => {
    const id = await beginConversation();
    const shown = { ...body('sees', at('/photo.png')), conversation_id: id };
    expect((await app.post('/v1/chat', shown)).status).toBe(200);
    google.reset();
    web.serve('/photo.png', 'gone', {}, 404);
    const next = await app.post('/v1/chat', { model: 'sees', message: 'Well?', conversation_id: id, ...rest });
    expect(next.status).toBe(200);
    expect(inlineOf()).toEqual([]);
    expect(JSON.stringify(google.requests[0]?.body)).toContain('cannot be had any more');
  });

  it('says which image is wrong in a request that has tools run', async () => {
    const id = await beginConversation();
    const asked = { ...body('sees', at('/nothing')), conversation_id: id, server_tools: ['http:look'] };
    const refused = await app.post('/v1/chat', asked);
    expect([refused.status, ((await refused.json()) as Refused).error.param]).toEqual([400, PARAM]);
  });

  it('goes on with a conversation that has more pictures than are fetched, with the newest of them', async () => {
    const id = await beginConversation();
    const pictures = (turn: string): string[] =>
      Array.from({ length: 20 }, (_, index) => at(`/photo.png?${turn}${String(index)}`));
    for (const turn of ['a', 'b']) {
      const shown = { ...body('sees', ...pictures(turn)), conversation_id: id };
      expect((await app.post('/v1/chat', shown)).status).toBe(200);
    }
    expect([inlineOf(1).length, inlineOf(2).length]).toEqual([20, 32]);
    const last = web.requests.slice(20).map(({ url }) => url);
    expect([last.includes('/photo.png?a19'), last.includes('/photo.png?a0')]).toEqual([true, false]);
    const over = body('sees', ...pictures('c'), ...pictures('d'));
    const refused = await app.post(COMPLETIONS, over);
    expect([refused.status, ((await refused.json()) as Refused).error.code]).toEqual([400, 'array_too_long']);
  });
});
