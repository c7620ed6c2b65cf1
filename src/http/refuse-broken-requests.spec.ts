import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { rawRequest, sendRaw } from '../../test/support/raw-http.js';
import { refuseBrokenRequests } from './refuse-broken-requests.js';

describe('broken requests', () => {
  let server: Server;
  let url: string;

  beforeAll(async () => {
    server = createServer((request, response) => {
      if (request.url === '/open') response.write('begun');
      else response.end(`expects ${String(request.headers.expect)}`);
    });
    refuseBrokenRequests(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  });

  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it.each([
    ['no HTTP', '\x16\x03\x01\r\n\r\n', 400, null],
    ['a method of its own', rawRequest('FOO /', []), 405, 'method_not_allowed'],
    ['a tunnel', rawRequest('CONNECT a:1', []), 405, 'method_not_allowed'],
    ['large headers', rawRequest('GET /', [`X-A: ${'a'.repeat(20_000)}`]), 431, null],
  ])('answers %s in JSON and closes', async (_name, bytes, status, code) => {
    const answer = await sendRaw(url, bytes);
    expect([answer.status, answer.isClosed, answer.headers.connection]).toEqual([status, true, 'close']);
    expect(answer.headers['x-request-id']).toMatch(/^req_/);
    expect(JSON.parse(answer.body)).toMatchObject({ error: { type: 'invalid_request_error', param: null, code } });
  });

  it('writes nothing into an answer that has begun', async () => {
    const answer = await sendRaw(url, `${rawRequest('GET /open', [])}\x16\x03\x01\r\n\r\n`);
    expect(answer.text.match(/HTTP\/1\.1/g)?.length ?? 0).toBeLessThanOrEqual(1);
    expect(answer.text).not.toContain('req_');
  });

  it('hands unknown expectations to the application', async () => {
    const answer = await sendRaw(url, rawRequest('GET /', ['Expect: foo', 'Connection: close']));
    expect(answer.text).toContain('expects foo');
  });
});
