import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { errorOf, ProbeApp } from '../../test/support/probe-app.js';

let probe: ProbeApp;

beforeAll(async () => {
  probe = await ProbeApp.start();
});

afterAll(() => probe.close());

const CHAT = { model: 'fast', messages: [{ role: 'user', content: 'Hi' }] };

describe('errors', () => {
  it('are 404 for unknown paths and 405 with Allow for known ones', async () => {
    const unknown = await probe.post('/v1/nowhere', {});
    expect([unknown.status, (await errorOf(unknown)).code]).toEqual([404, 'not_found']);
    const wrong = await fetch(`${probe.origin}/v1/chat/completions`, { method: 'DELETE' });
    expect([wrong.status, (await errorOf(wrong)).code, wrong.headers.get('allow')]).toEqual([
      405,
      'method_not_allowed',
      'POST',
    ]);
    expect((await fetch(`${probe.origin}/v1/models/a/b`, { method: 'PUT' })).headers.get('allow')).toBe('GET, HEAD');
  });

  it('are 400 for broken percent encoding', async () => {
    expect((await probe.get('/v1/models/%E0%A4%A')).status).toBe(400);
  });

  it('never tell what only the log may know', async () => {
    const response = await probe.get('/v1/probe/fault');
    const error = await errorOf(response);
    expect(response.status).toBe(500);
    expect(error).toMatchObject({ type: 'server_error', code: 'internal_error' });
    expect(JSON.stringify(error)).not.toContain('secret');
    expect(error.message).toContain(response.headers.get('x-request-id'));
  });

  it('carry what retry loops read', async () => {
    const limited = await probe.get('/v1/probe/limited');
    expect(limited.status).toBe(429);
    expect([limited.headers.get('retry-after'), limited.headers.get('retry-after-ms')]).toEqual(['2', '1500']);
    expect((await errorOf(limited)).type).toBe('rate_limit_exceeded');
    const spent = await probe.get('/v1/probe/spent');
    expect([spent.status, spent.headers.get('x-should-retry'), spent.headers.get('retry-after')]).toEqual([
      503,
      'false',
      null,
    ]);
    expect((await probe.get('/v1/probe/locked')).headers.get('www-authenticate')).toContain('Bearer');
  });

  it('leave a health report as it is', async () => {
    const response = await probe.get('/health/ready');
    expect([response.status, await response.json()]).toEqual([503, expect.objectContaining({ status: 'error' })]);
  });
});

describe('every answer', () => {
  it('carries the request id, the time and the protective headers', async () => {
    const { headers } = await probe.post('/v1/chat', { message: 'Hi' }, { 'x-request-id': 'mine-1' });
    expect(headers.get('x-request-id')).toBe('mine-1');
    expect(headers.get('x-response-time')).toMatch(/^\d+ms$/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('vary')).toMatch(/Authorization, X-API-Key/);
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('etag')).toBeNull();
  });

  it.each(['a b', 'x'.repeat(129), '"quoted"'])('replaces the request id %s', async (id) => {
    const { headers } = await probe.get('/', { 'x-request-id': id });
    expect(headers.get('x-request-id')).toMatch(/^req_\w+$/);
  });

  it('says who answered, what it cost and what was lost, in plain ASCII', async () => {
    const { headers } = await probe.post('/v1/chat/completions', CHAT);
    expect(headers.get('x-trunkline-provider')).toBe('lab');
    expect(headers.get('x-trunkline-model')).toBe('lab/llama?');
    expect(headers.get('x-trunkline-cache')).toBe('bypass');
    expect(headers.get('x-trunkline-cost-usd')).toBe('0.0000030000');
    expect(headers.get('x-trunkline-warnings')).toBe('caf? was lost');
  });

  it('is counted by its pattern', async () => {
    probe.finished.length = 0;
    await probe.get('/v1/models/lab/secret-name');
    await probe.get('/v1/nowhere/secret');
    await new Promise((resolve) => setImmediate(resolve));
    expect(probe.finished).toEqual([
      { method: 'GET', route: '/v1/models/*id', status: 200 },
      { method: 'GET', route: 'unmatched', status: 404 },
    ]);
  });
});
