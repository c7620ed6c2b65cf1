import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { errorOf, ProbeApp, PROBE_BODY_LIMIT } from '../../../test/support/probe-app.js';

let probe: ProbeApp;

beforeAll(async () => {
  probe = await ProbeApp.start();
});

afterAll(() => probe.close());

/** Everything the server sends to raw bytes, until it closes or `ms` have passed. */
function raw(bytes: string, ms = 3_000): Promise<string> {
  return new Promise((resolve) => {
    let received = '';
    const socket = connect(Number(new URL(probe.origin).port), '127.0.0.1', () => socket.write(bytes));
    const timer = setTimeout(() => socket.destroy(), ms);
    socket.on('data', (chunk) => (received += chunk.toString()));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(received);
    });
  });
}

describe('bodies', () => {
  it.each<[string, string | Uint8Array, Record<string, string>, number, string]>([
    ['broken JSON', '{"a":', {}, 400, 'invalid_json'],
    ['null', 'null', {}, 400, 'invalid_request_body'],
    ['a text', '"x"', {}, 400, 'invalid_request_body'],
    ['a list', '[{}]', {}, 400, 'invalid_request_body'],
    ['nothing', '', {}, 400, 'invalid_request_body'],
    ['plain text', '{}', { 'content-type': 'text/plain' }, 415, 'unsupported_media_type'],
    ['a form', 'a=b', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'unsupported_media_type'],
    ['UTF-16', '{}', { 'content-type': 'application/json; charset=utf-16' }, 415, 'unsupported_charset'],
    ['an unknown encoding', '{}', { 'content-encoding': 'zstd' }, 415, 'unsupported_encoding'],
    ['two encodings', '{}', { 'content-encoding': 'gzip, gzip' }, 415, 'unsupported_encoding'],
    ['no gzip', '{}', { 'content-encoding': 'gzip' }, 400, 'invalid_encoding'],
    ['a bomb', gzipSync(' '.repeat(10_000_000)), { 'content-encoding': 'gzip' }, 413, 'request_too_large'],
    ['a byte too many', ' '.repeat(PROBE_BODY_LIMIT + 1), {}, 413, 'request_too_large'],
    ['bytes that are no text', Buffer.from([0x7b, 0xff, 0x7d]), {}, 400, 'invalid_utf8'],
  ])('refuses %s', async (_name, body, headers, status, code) => {
    for (const path of ['/v1/chat/completions', '/v1/chat', '/v1/probe']) {
      const response = await probe.post(path, body, headers);
      expect([path, response.status, (await errorOf(response)).code]).toEqual([path, status, code]);
    }
  });

  it('takes a body of exactly the limit, and a compressed one', async () => {
    const text = JSON.stringify({ name: 'a', size: 1 });
    expect((await probe.post('/v1/probe', text.padEnd(PROBE_BODY_LIMIT))).status).toBe(200);
    expect((await probe.post('/v1/probe', gzipSync(text), { 'content-encoding': 'gzip' })).status).toBe(200);
  });

  it('refuses a declared length over the limit before a byte of it came, and closes', async () => {
    const head =
      'POST /v1/chat HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 5000000000\r\n\r\n';
    const answer = await raw(head);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer.toLowerCase()).toContain('connection: close');
    expect(answer).toContain('request_too_large');
  });

  it('refuses an endless chunked body at the limit, and closes', async () => {
    const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;
    const head =
      'POST /v1/chat HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n';
    expect(await raw(head + chunk.repeat(4))).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('reports every problem of a DTO at once', async () => {
    const response = await probe.post('/v1/probe', { size: 'big', extra: 1 });
    const error = await errorOf(response);
    expect(response.status).toBe(400);
    expect(error.details).toEqual(
      expect.arrayContaining([
        { path: 'extra', message: expect.stringContaining('not a parameter') },
        { path: 'name', message: expect.stringContaining('missing') },
        { path: 'size', message: expect.stringContaining('integer') },
      ]),
    );
    expect((await errorOf(await probe.post('/v1/probe', { name: 'a', size: '1' }))).code).toBe('invalid_type');
    expect((await errorOf(await probe.post('/v1/probe', { name: 'a', size: 0 }))).code).toBe('invalid_value');
    expect((await errorOf(await probe.post('/v1/probe', { name: 'a', size: 1, b: 1 }))).code).toBe('unknown_parameter');
  });

  it.each<[string, string]>([
    ['?order=up', 'invalid_query'],
    ['?order=asc&order=desc', 'invalid_query'],
    ['?order[a]=asc', 'unknown_parameter'],
    ['?order=asc&a=1', 'unknown_parameter'],
  ])('refuses the query %s', async (query, code) => {
    const response = await probe.get(`/v1/probe/list${query}`);
    expect([response.status, (await errorOf(response)).code]).toEqual([400, code]);
  });

  it('gives details on native routes only', async () => {
    expect(await errorOf(await probe.post('/v1/chat', {}))).toHaveProperty('details');
    expect(await errorOf(await probe.post('/v1/chat/completions', {}))).not.toHaveProperty('details');
  });
});
