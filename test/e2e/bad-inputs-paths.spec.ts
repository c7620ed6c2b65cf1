import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { issueKey } from '../../src/auth/key-format.js';
import { ModelsService } from '../../src/models/models.service.js';
import { type CapturedLog, captureLog } from '../support/capture-log.js';
import { Gauntlet } from '../support/gauntlet.js';
import { rawRequest, sendRaw } from '../support/raw-http.js';

const ESCAPE = '\u001b';

describe('bad inputs: paths, queries and what is told', () => {
  let log: CapturedLog;
  let gauntlet: Gauntlet;

  beforeAll(async () => {
    log = captureLog();
    gauntlet = await Gauntlet.start({ LOG_LEVEL: 'info' });
  });

  afterEach(() => gauntlet.expectUnharmed());

  afterAll(async () => {
    await gauntlet.close();
    log.stop();
  });

  describe('paths and queries', () => {
    it.each([
      '/v1/nothing',
      '//v1//models',
      '/v1/models;x',
      '/v1/%2e%2e/admin/keys',
      '/v1/../admin/keys',
      '/v1/%6dodels',
    ])('H18 finds nothing at %s', async (path) => {
      const answer = await sendRaw(gauntlet.app.url, rawRequest(`GET ${path}`, ['Connection: close']));
      const { status, headers, body: text } = answer;
      gauntlet.checkRefusal({ path, status, headers, text }, { status: 404, code: 'not_found' });
    });

    it.each(['/V1/Models', '/v1/models/', '/ADMIN/KEYS', '/admin/keys/', '/admin/keys?', '/V1/JOBS/x'])(
      'H18 asks for a key at %s too',
      async (path) => {
        const response = await gauntlet.app.get(path, { key: null });
        await gauntlet.expectRefusal(response, { status: 401, code: 'missing_api_key' });
      },
    );

    it.each([
      '/v1/models/',
      '/v1/jobs/',
      '/v1/documents/',
      '/v1/collections/',
      '/v1/usage/requests/',
      '/admin/keys/',
      '/admin/projects/',
    ])('H19 L03 takes no broken or strange id at %s', async (path) => {
      for (const id of ['%E0%A4%A', '%ff', '%00', 'a%00b', '%0d%0aX-Evil:%201']) {
        const response = await gauntlet.app.get(path + id);
        await gauntlet.expectRefusal(response, { status: 400, code: 'invalid_id' });
      }
      const strange = [
        '..%2f..%2fadmin',
        `x'%20or%201=1--`,
        '__proto__',
        'constructor',
        '%F0%9F%98%80',
        '%25',
        'a'.repeat(10_000),
      ];
      for (const id of strange) {
        const code = ['not_found', 'model_not_found', 'collection_not_found'];
        await gauntlet.expectRefusal(await gauntlet.app.get(path + id), { status: 404, code });
      }
    });

    it.each(['/admin/keys', '/admin/projects', '/v1/collections', '/v1/documents'])(
      'H28 L01 refuses wrong queries of %s',
      async (path) => {
        const wrong: [string, string[]][] = [
          ...['0', '-1', '101', '1e9', 'abc', '1.5', '1&limit=2', '%00', '', '0x10', '+1'].map(
            (limit): [string, string[]] => [`limit=${limit}`, ['invalid_query']],
          ),
          ...['garbage', `x'%20or%201=1`, 'key_0', 'eyJpZCI6MX0=', '%00', 'a&after=b', ''].map(
            (after): [string, string[]] => [`after=${after}`, ['invalid_cursor', 'invalid_query']],
          ),
          ...[
            'order=desc;%20drop%20table',
            'a[b]=1',
            '__proto__[x]=1',
            '__proto__=1',
            'constructor=1',
            'sort=key_hash',
          ].map((query): [string, string[]] => [query, ['unknown_parameter']]),
          [
            Array.from({ length: 3_000 }, (_, index) => `a${String(index)}`)
              .join('&')
              .slice(0, 12_000),
            ['invalid_query'],
          ],
        ];
        for (const [query, code] of wrong) {
          const response = await gauntlet.app.get(`${path}?${query}`);
          expect([query.slice(0, 60), response.status]).toEqual([query.slice(0, 60), 400]);
          await gauntlet.expectRefusal(response, { status: 400, code });
        }
      },
    );
  });

  describe('what is told', () => {
    it('X03 keeps junk out of the metrics', async () => {
      const scrape = async (): Promise<string> => (await gauntlet.app.get('/metrics', { key: null })).text();
      await gauntlet.send('/v1/chat', { model: 'junk', message: 'Hi' });
      const before = (await scrape()).split('\n').length;
      for (let count = 0; count < 100; count += 1) {
        await gauntlet.app.get(`/v1/junk-${String(count)}`, { headers: { 'user-agent': `junk-${String(count)}` } });
        await gauntlet.send('/v1/chat', { model: `junk-${String(count)}`, message: 'Hi' });
      }
      const after = await scrape();
      expect(after).not.toContain('junk-');
      expect(after.split('\n').length - before).toBeLessThan(50);
      for (const secret of [gauntlet.key, gauntlet.app.adminKey, 'key_', 'proj_']) expect(after).not.toContain(secret);
    });

    it('X04 tells of a failure of ours no more than its number', async () => {
      const models = gauntlet.app.nest.get(ModelsService, { strict: false });
      const fault = jest.spyOn(models, 'list').mockImplementationOnce(() => {
        throw new Error('select secret from api_key where id = $1');
      });
      const response = await gauntlet.app.get('/v1/models');
      const { message } = await gauntlet.expectRefusal(response, { status: 500, code: 'internal_error' });
      expect(message).toContain(response.headers.get('x-request-id'));
      fault.mockRestore();
    });

    it('X05 marks answers as private and not to be guessed at', async () => {
      for (const path of ['/v1/models', '/v1/jobs/x', '/admin/keys', '/v1/collections']) {
        const { headers } = await gauntlet.app.get(path);
        expect([path, headers.get('x-powered-by'), headers.get('cache-control')]).toEqual([path, null, 'no-store']);
        expect(headers.get('vary')).toMatch(/Authorization, X-API-Key/);
        expect(headers.get('x-content-type-options')).toBe('nosniff');
      }
    });

    it('X02 writes one line of JSON a request, whatever came in', async () => {
      const start = log.text().length;
      const headers = {
        'user-agent': `a"b{"c":1}`,
        'x-request-id': `a"${ESCAPE}`.slice(0, 2),
        'x-trunkline-tags': 'a"b, \\n',
      };
      for (const model of ['a\r\nlevel: 1', `${ESCAPE}[31m`, '"}{"', '\u2028']) {
        await gauntlet.expectRefusal(await gauntlet.send('/v1/chat', { model, message: 'Hi' }, { headers }), {
          status: 404,
          code: 'model_not_found',
        });
      }
      await gauntlet.app.get('/v1/models?a=%0d%0a%22');
      const lines = await log.lines(5, start);
      expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(Array(5).fill('request'));
      for (const secret of [gauntlet.key, gauntlet.app.adminKey]) expect(log.text()).not.toContain(secret);
    });

    it('H27 A07 counts refused keys by the real address, and still takes the good ones', async () => {
      const seen = new Set<number>();
      for (let count = 0; count < 70; count += 1) {
        const headers = { 'x-api-key': issueKey().key, 'x-forwarded-for': `203.0.113.${String(count)}` };
        seen.add((await gauntlet.app.get('/v1/models', { key: null, headers })).status);
      }
      expect([...seen].sort()).toEqual([401, 429]);
      const closed = await gauntlet.app.get('/v1/models', { key: null, headers: { 'x-api-key': issueKey().key } });
      expect(Number(closed.headers.get('retry-after'))).toBeGreaterThan(0);
      await gauntlet.expectRefusal(closed, { status: 429, code: 'too_many_auth_failures' });
    });
  });
});
