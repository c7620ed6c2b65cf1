import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { nested } from '../support/chat-bodies.js';
import { Gauntlet } from '../support/gauntlet.js';
import { ApiDocument, type RawDocument } from '../support/openapi/api-document.js';

const LIST_CODES = ['invalid_query', 'invalid_cursor', 'invalid_value', 'not_found', 'collection_not_found'];
const CHARSETS = ['utf-16', 'foo', '"utf-32"'];
const MEDIA_TYPES = ['text/plain', 'application/xml', 'application/x-www-form-urlencoded', '', 'application/json2'];

describe('bad inputs: every route of the OpenAPI document that takes a body', () => {
  let gauntlet: Gauntlet;
  let routes: { name: string; method: string; path: string }[];
  let lists: { name: string; path: string; cursors: string[] }[];

  beforeAll(async () => {
    gauntlet = await Gauntlet.start();
    const document = new ApiDocument((await (await gauntlet.app.get('/openapi.json')).json()) as RawDocument);
    const taking = document.operations.filter(({ body }) => body?.type === 'application/json');
    routes = taking.map(({ name, method, path }) => ({ name, method, path: path.replaceAll(/\{\w+\}/g, 'x') }));
    expect(routes.length).toBeGreaterThan(30);
    const limited = document.operations.filter(({ parameters }) => parameters.some(({ name }) => name === 'limit'));
    lists = limited.map(({ name, path, parameters }) => ({
      ...{ name, path: path.replaceAll(/\{\w+\}/g, 'x') },
      cursors: parameters.map((parameter) => parameter.name).filter((each) => /^(?:after|before)(?:_id)?$/.test(each)),
    }));
    expect(lists.length).toBeGreaterThan(10);
  });

  beforeEach(() => {
    gauntlet.openAi.reset();
  });

  afterAll(async () => {
    await gauntlet.close();
  });

  /** Sends a body to every route; fails unless it is refused as said, and nothing else happens. */
  const allRefuse = async (
    text: string,
    refusal: { status: number; code: string | string[] },
    headers: Record<string, string> = {},
  ): Promise<void> => {
    const before = process.cpuUsage();
    for (const { name, method, path } of routes) {
      const response = await gauntlet.app.request(method, path, { text, headers });
      expect([name, text.slice(0, 40), response.status]).toEqual([name, text.slice(0, 40), refusal.status]);
      await gauntlet.expectRefusal(response, refusal);
    }
    expect(process.cpuUsage(before).user).toBeLessThan(2_000_000 * routes.length);
  };

  it.each(['null', '"x"', '1', '[]', '[{}]', 'true'])('H02 refuse the body %j', async (text) => {
    await allRefuse(text, { status: 400, code: 'invalid_request_body' });
    await gauntlet.expectUnharmed();
  });

  it('H02 refuse no body at all, or have defaults for all of it', async () => {
    for (const { name, method, path } of routes) {
      const response = await gauntlet.app.request(method, path, { text: '' });
      expect([name, [200, 400, 404].includes(response.status)]).toEqual([name, true]);
      const code = [
        'invalid_request_body',
        'missing_required_parameter',
        'not_found',
        'collection_not_found',
        'invalid_value',
      ];
      if (response.status !== 200) await gauntlet.expectRefusal(response, { status: [400, 404], code });
    }
    await gauntlet.expectUnharmed();
  });

  it('H03 H04 refuse other types and charsets', async () => {
    for (const type of MEDIA_TYPES) {
      await allRefuse('{}', { status: 415, code: 'unsupported_media_type' }, { 'content-type': type });
    }
    for (const charset of CHARSETS) {
      const headers = { 'content-type': `application/json; charset=${charset}` };
      await allRefuse('{}', { status: 415, code: 'unsupported_charset' }, headers);
    }
    await gauntlet.expectUnharmed();
  });

  it('C05 refuse 40,000 levels', async () => {
    await allRefuse(`{"model":"openai/gpt-4o","x":${nested(40_000)}}`, { status: 400, code: 'nesting_too_deep' });
    await gauntlet.expectUnharmed();
  });

  it.each([
    ['"\\u0000"', 'invalid_character'],
    ['{"a\\u0000":1}', 'invalid_character'],
    ['["\\ud83d"]', 'invalid_unicode'],
    ['{"\\ude00":1}', 'invalid_unicode'],
  ])('C09 C10 refuse %s', async (value, code) => {
    await allRefuse(`{"model":"openai/gpt-4o","x":${value}}`, { status: 400, code });
    await gauntlet.expectUnharmed();
  });

  it.each(['__proto__', 'constructor', 'toString', 'then'])('C08 take the key %s for a key', async (name) => {
    for (const route of routes) {
      const text = `{"${name}":{"polluted":true,"prototype":{"polluted":true}}}`;
      const response = await gauntlet.app.request(route.method, route.path, { text });
      expect([route.name, response.status < 500]).toEqual([route.name, true]);
      expect([route.name, await response.text()]).toEqual([
        route.name,
        expect.not.stringMatching(/\n\s+at |node_modules/),
      ]);
    }
    await gauntlet.expectUnharmed();
  });

  it('H28 L01 refuse limits and cursors that are none, wherever there is a list', async () => {
    for (const { name, path, cursors } of lists) {
      const limits = ['0', '1e9', 'abc', '1&limit=2'].map((limit) => `limit=${limit}`);
      const forged = ['garbage', '%00'];
      const wrong = cursors.flatMap((cursor) => forged.map((id) => `${cursor}=${id}`));
      for (const query of [...limits, ...wrong]) {
        // Models are listed by pages only for those who ask as Anthropic’s clients do, and hear it in its words.
        const isTheirs = path === '/v1/models';
        const headers: Record<string, string> = isTheirs ? { 'anthropic-version': '2023-06-01' } : {};
        const response = await gauntlet.app.get(`${path}?${query}`, { headers });
        // A list in something that is not there is not there either.
        const statuses = path.includes('/x') ? [400, 404] : [400];
        expect([name, query, statuses.includes(response.status)]).toEqual([name, query, true]);
        if (isTheirs) expect(await response.json()).toMatchObject({ type: 'error' });
        else await gauntlet.expectRefusal(response, { status: statuses, code: LIST_CODES });
      }
      const polluting = await gauntlet.app.get(
        `${path}?__proto__[polluted]=1&constructor[prototype][polluted]=1&a[b]=1`,
      );
      expect([name, polluting.status < 500]).toEqual([name, true]);
      await polluting.text();
    }
    await gauntlet.expectUnharmed();
  });

  describe('Anthropic’s', () => {
    const user = { role: 'user', content: 'Hi' };
    const body = { model: 'openai/gpt-4o', max_tokens: 50, messages: [user] };

    it.each<[string, object, Record<string, string>, number]>([
      ['no output limit', { ...body, max_tokens: undefined }, {}, 400],
      ['a system of parts', { ...body, system: [{ type: 'text', text: 'Be kind.' }] }, {}, 200],
      ['a number for a system', { ...body, system: 1 }, {}, 400],
      ['an image in the system', { ...body, system: [{ type: 'image' }] }, {}, 400],
      ['an assistant first', { ...body, messages: [{ role: 'assistant', content: 'Hello.' }, user] }, {}, 200],
      ['two users in a row', { ...body, messages: [user, user] }, {}, 200],
      [
        'a system among the messages',
        { ...body, messages: [user, { role: 'system', content: 'Now.' }, user] },
        {},
        200,
      ],
      ['an unknown role', { ...body, messages: [{ role: 'robot', content: 'Hi' }] }, {}, 400],
      ['an unknown beta', body, { 'anthropic-beta': 'nobody-knows-2099-01-01,,x y' }, 200],
      ['an old version', body, { 'anthropic-version': '1999-01-01' }, 200],
      ['no version', body, {}, 200],
    ])('C23 takes or refuses %s as it does', async (_name, sent, headers, status) => {
      for (const path of ['/v1/messages', '/v1/messages?beta=true']) {
        const response = await gauntlet.send(path, sent, { headers });
        if (status !== 200) {
          await gauntlet.expectRefusal(response, { status, code: null });
          continue;
        }
        expect([path, response.status, await response.json()]).toMatchObject([path, 200, { type: 'message' }]);
      }
    });

    it('C24 hears the same with ?beta=true', async () => {
      const [plain, beta] = await Promise.all(
        ['', '?beta=true'].map(async (query) => (await gauntlet.send(`/v1/messages${query}`, body)).json()),
      );
      const own = { id: expect.any(String) };
      expect(beta).toEqual({ ...(plain as object), ...own });
    });
  });

  it('R13 makes one document of the same text, at once, later or from another source', async () => {
    const chunksOf = async (id: string): Promise<number> => {
      const chunks = await gauntlet.app.get(`/v1/documents/${id}/chunks`, { key: gauntlet.key });
      return ((await chunks.json()) as { data: unknown[] }).data.length;
    };
    const index = async (source: string): Promise<{ document_id: string; job_id?: string }> => {
      const response = await gauntlet.send('/v1/index', { content: 'The same godwit flies again.', source });
      expect([200, 202]).toContain(response.status);
      return (await response.json()) as { document_id: string; job_id?: string };
    };
    const atOnce = await Promise.all(Array.from({ length: 5 }, () => index('godwit.md')));
    for (const { job_id: job } of atOnce)
      if (job !== undefined) await gauntlet.app.waitForJob(job, { key: gauntlet.key });
    const [again, other] = [await index('godwit.md'), await index('other.md')];
    if (other.job_id !== undefined) await gauntlet.app.waitForJob(other.job_id, { key: gauntlet.key });
    const ids = new Set([...atOnce, again, other].map(({ document_id: id }) => id));
    expect(await Promise.all([...ids].map(chunksOf))).toEqual([1]);
  });
});
