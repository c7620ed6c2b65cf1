import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Gauntlet } from '../support/gauntlet.js';
import { readBrokenJson } from '../support/input-corpus.js';
import { countAnswers, type RawAnswer, rawRequest, sendRaw } from '../support/raw-http.js';

const LIMIT = 256 * 1024;
const GOOD = JSON.stringify({ model: 'local/extractive', message: 'What can you do?' });
const JSON_TYPE = 'Content-Type: application/json';

describe('bad inputs: HTTP', () => {
  let gauntlet: Gauntlet;
  let key: string;

  beforeAll(async () => {
    gauntlet = await Gauntlet.start({ BODY_LIMIT: String(LIMIT) });
    key = `Authorization: Bearer ${gauntlet.key}`;
  });

  afterEach(() => gauntlet.expectUnharmed());

  afterAll(async () => {
    await gauntlet.close();
  });

  const raw = (line: string, headers?: readonly string[], body?: string): Promise<RawAnswer> =>
    gauntlet.raw(line, headers, body);

  describe('bodies', () => {
    it('H01 refuses what is no JSON', async () => {
      const broken = [{ name: 'cut', bytes: Buffer.from('{"a":') }, ...readBrokenJson()];
      for (const { name, bytes } of broken) {
        const response = await gauntlet.send('/v1/chat/completions', bytes);
        const codes = ['invalid_json', 'invalid_utf8', 'nesting_too_deep', 'invalid_request_body'];
        const { code } = await gauntlet.expectRefusal(response, { status: 400, code: codes });
        if (name === 'cut') expect(code).toBe('invalid_json');
      }
    });

    it('H03 refuses a body of no type at all', async () => {
      const headers = [`Content-Length: ${String(GOOD.length)}`, 'Connection: close'];
      gauntlet.expectRaw(await raw('POST /v1/chat', headers, GOOD), '/v1/chat', 415, 'unsupported_media_type');
    });

    it.each([
      ['a stray byte', [0xff]],
      ['an overlong slash', [0xc0, 0xaf]],
      ['a surrogate', [0xed, 0xa0, 0xbd]],
      ['CESU-8', [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80]],
    ])('H05 refuses %s', async (_name, bytes) => {
      const body = Buffer.concat([Buffer.from('{"message":"'), Buffer.from(bytes), Buffer.from('"}')]);
      await gauntlet.expectRefusal(await gauntlet.send('/v1/chat', body), { status: 400, code: 'invalid_utf8' });
    });

    it('H06 reads past a byte order mark', async () => {
      expect((await gauntlet.send('/v1/chat', `\ufeff${GOOD}`)).status).toBe(200);
    });

    it('H07 refuses a declared length over the limit before the body comes', async () => {
      const answer = await raw('POST /v1/chat', [JSON_TYPE, 'Content-Length: 5000000000']);
      gauntlet.expectRaw(answer, '/v1/chat', 413, 'request_too_large');
      expect([answer.headers.connection, answer.isClosed]).toEqual(['close', true]);
    });

    it('H08 refuses an endless body at the limit', async () => {
      const chunks = `10000\r\n${' '.repeat(65_536)}\r\n`.repeat(6);
      const answer = await raw('POST /v1/chat', [JSON_TYPE, 'Transfer-Encoding: chunked'], chunks);
      gauntlet.expectRaw(answer, '/v1/chat', 413, 'request_too_large');
    });

    it('H09 takes exactly the limit', async () => {
      expect((await gauntlet.send('/v1/chat', GOOD.padEnd(LIMIT))).status).toBe(200);
      const over = await gauntlet.send('/v1/chat', GOOD.padEnd(LIMIT + 1));
      await gauntlet.expectRefusal(over, { status: 413, code: 'request_too_large' });
    });

    it.each([
      ['gzip', gzipSync],
      ['deflate', deflateSync],
      ['br', brotliCompressSync],
    ] as const)('H10 stops a bomb of %s at the limit', async (encoding, compress) => {
      const bomb = compress(Buffer.alloc(20_000_000, 0x20));
      const response = await gauntlet.send('/v1/chat', bomb, { headers: { 'content-encoding': encoding } });
      await gauntlet.expectRefusal(response, { status: 413, code: 'request_too_large' });
    });

    it('H10 inflates no more of a bomb than it takes', async () => {
      // Members of one file: 240 MB of blanks in less than the limit.
      const bomb = Buffer.concat(Array(12).fill(gzipSync(Buffer.alloc(20_000_000, 0x20))));
      expect(bomb.length).toBeLessThan(LIMIT);
      const before = process.resourceUsage().maxRSS;
      const response = await gauntlet.send('/v1/chat', bomb, { headers: { 'content-encoding': 'gzip' } });
      await gauntlet.expectRefusal(response, { status: 413, code: 'request_too_large' });
      expect(process.resourceUsage().maxRSS - before).toBeLessThan(64 * 1024);
    });

    it.each([
      ['gzip, gzip', 415, 'unsupported_encoding'],
      ['zstd', 415, 'unsupported_encoding'],
      ['foo', 415, 'unsupported_encoding'],
      ['__proto__', 415, 'unsupported_encoding'],
      ['gzip', 400, 'invalid_encoding'],
    ])('H11 refuses plain text that claims to be %s', async (encoding, status, code) => {
      const response = await gauntlet.send('/v1/chat', GOOD, { headers: { 'content-encoding': encoding } });
      await gauntlet.expectRefusal(response, { status, code });
    });
  });

  describe('messages', () => {
    const second = (): string => rawRequest('GET /v1/models', [key]);
    const chunked = [JSON_TYPE, 'Transfer-Encoding: chunked'];

    it.each<[string, () => string, number]>([
      ['a length and chunks', () => `0\r\n\r\n${second()}`, 400],
      ['two lengths', () => 'abcdef', 400],
      ['a chunk of no size', () => `zz\r\nabc\r\n0\r\n\r\n${second()}`, 400],
      ['a huge chunk extension', () => `2;${'a'.repeat(100_000)}\r\n{}\r\n0\r\n\r\n`, 413],
      ['a folded header', () => '', 400],
      ['a NUL in a header', () => '', 400],
      ['two kinds of transfer coding', () => `0\r\n\r\n${second()}`, 400],
    ])('H12 refuses %s, and sees no second request', async (name, body, status) => {
      const headers: Record<string, string[]> = {
        'a length and chunks': [...chunked, 'Content-Length: 5'],
        'two lengths': [JSON_TYPE, 'Content-Length: 5', 'Content-Length: 6'],
        'a folded header': ['X-A: a\r\n b'],
        'a NUL in a header': ['X-A: a\0b'],
        'two kinds of transfer coding': [JSON_TYPE, 'Transfer-Encoding: chunked, identity'],
      };
      const answer = await raw('POST /v1/chat', headers[name] ?? chunked, body());
      gauntlet.expectRaw(answer, '/v1/chat', status, status === 413 ? 'request_too_large' : null);
      expect([countAnswers(answer.text), answer.isClosed]).toEqual([1, true]);
    });

    it('H12 reads no chunk extension of a megabyte', async () => {
      const answer = await raw('POST /v1/chat', chunked, `2;${'a'.repeat(1_000_000)}\r\n{}\r\n0\r\n\r\n${second()}`);
      // The rest is still under way when the answer is there, and may run into it.
      expect([0, 413]).toContain(answer.status);
      expect([countAnswers(answer.text) <= 1, answer.isClosed]).toEqual([true, true]);
    });

    it('H12 refuses bare line feeds', async () => {
      const answer = await sendRaw(gauntlet.app.url, `GET /v1/models HTTP/1.1\nHost: a\n${key}\n\n`);
      gauntlet.expectRaw(answer, '/v1/models', 400, null);
    });

    it.each<[string, string, string[]]>([
      ['a header of 20 KB', '/v1/models', [`X-A: ${'a'.repeat(20_000)}`]],
      ['2,000 headers', '/v1/models', Array.from({ length: 2_000 }, (_, index) => `X-A${String(index)}: aaaa`)],
      ['an address of 20 KB', `/v1/models?${'a'.repeat(20_000)}`, []],
    ])('H13 refuses %s', async (_name, target, headers) => {
      gauntlet.expectRaw(await raw(`GET ${target}`, headers), '/v1/models', 431, null);
    });

    it('H14 heeds no host, wherever it stands', async () => {
      for (const line of ['GET http://evil.example/v1/models', 'GET /v1/models']) {
        const withKey = await raw(line, ['Host: evil.example', 'Connection: close']);
        expect([withKey.status, withKey.headers['cache-control'], withKey.body.includes('evil')]).toEqual([
          ...[200, 'no-store', false],
        ]);
        const without = await sendRaw(gauntlet.app.url, rawRequest(line, ['Connection: close']));
        gauntlet.expectRaw(without, '/v1/models', 401, 'missing_api_key');
        expect(without.headers['cache-control']).toBe('no-store');
      }
      const wrong = await raw('DELETE http://evil.example/v1/chat/completions', ['Connection: close']);
      gauntlet.expectRaw(wrong, '/v1/chat/completions', 405, 'method_not_allowed');
      expect(wrong.body).not.toContain('details');
    });

    it('H16 refuses expectations and methods that it does not know', async () => {
      gauntlet.expectRaw(
        await raw('GET /v1/models', ['Expect: foo', 'Connection: close']),
        '/',
        417,
        'expectation_failed',
      );
      for (const method of ['TRACE', 'CONNECT', 'FOO', 'PROPFIND', 'OPTIONS']) {
        const answer = await raw(`${method} /v1/models`, ['Connection: close']);
        gauntlet.expectRaw(answer, '/v1/models', 405, 'method_not_allowed');
      }
      const length = `Content-Length: ${String(GOOD.length)}`;
      const waiting = ['Expect: 100-continue', JSON_TYPE, length, 'Connection: close'];
      expect((await raw('POST /v1/chat', waiting, GOOD)).status).toBe(200);
    });

    it.each([
      ['DELETE', '/v1/chat/completions', 'POST'],
      ['GET', '/v1/chat/completions', 'POST'],
      ['POST', '/v1/models', 'GET, HEAD'],
      ['PUT', '/v1/jobs/job_1', 'DELETE, GET, HEAD'],
      ['PATCH', '/health/live', 'GET, HEAD'],
    ])('H17 answers %s %s with what is possible', async (method, path, allow) => {
      const response = await gauntlet.app.request(method, path);
      expect(response.headers.get('allow')).toBe(allow);
      await gauntlet.expectRefusal(response, { status: 405, code: 'method_not_allowed' });
    });

    it('H24 heeds no conditions, ranges and overrides', async () => {
      const headers = {
        accept: 'image/png',
        range: 'bytes=0-1',
        'if-none-match': '*',
        'x-http-method-override': 'DELETE',
      };
      for (const path of ['/v1/models', '/health/live', '/']) {
        const response = await gauntlet.app.get(path, { headers });
        expect([path, response.status, (await response.text()).length > 2]).toEqual([path, 200, true]);
      }
    });

    it.each(['null', 'https://evil.example'])('H25 lets no page of %s in', async (origin) => {
      const headers = { origin, 'access-control-request-method': 'POST' };
      const preflight = await gauntlet.app.request('OPTIONS', '/v1/chat', { key: null, headers });
      expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
      const response = await gauntlet.app.get('/v1/models', { headers: { origin } });
      expect(response.headers.get('access-control-allow-origin')).toBeNull();
    });

    it.each([
      ['of 10 KB', 'a'.repeat(10_000)],
      ['with line breaks', 'a%0d%0aX-Evil: 1'],
      ['in quotes', '"quoted"'],
      ['beyond ASCII', '\u00fcmlaut'],
      ['of two words', 'a b'],
      ['that is empty', ''],
    ])('H26 replaces a request id %s', async (_name, id) => {
      const response = await gauntlet.app.get('/v1/models', { headers: { 'x-request-id': id } });
      expect([response.status, response.headers.get('x-evil')]).toEqual([200, null]);
      expect(response.headers.get('x-request-id')).toMatch(/^req_[0-9A-Z]{24}$/);
    });

    it('H26 takes no escapes of terminals for a request id', async () => {
      const answer = await raw('GET /v1/models', ['X-Request-Id: a\u001b[31m', 'Connection: close']);
      expect([200, 400]).toContain(answer.status);
      expect(answer.headers['x-request-id']).toMatch(/^req_[0-9A-Z]{24}$/);
    });

    it.each(['abc', '-1', '1e9', '0', '99999999999999999999', '1.5', 'Infinity'])(
      'ignores the deadline %s',
      async (deadline) => {
        const response = await gauntlet.send('/v1/chat', GOOD, { headers: { 'x-trunkline-timeout-ms': deadline } });
        expect(response.status).toBe(200);
      },
    );
  });
});
