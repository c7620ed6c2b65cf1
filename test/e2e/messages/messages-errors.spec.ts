import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { TestApp } from '../../support/test-app.js';
import { MessagesBench, VENDORS } from './messages-bench.js';

const USER = { role: 'user', content: 'Hi' };
const BODY = { model: 'anthropic', max_tokens: 50, messages: [USER] };
const LARGE = 'x'.repeat(70_000);
const COUNT = '/v1/messages/count_tokens';
const VERSION = { 'anthropic-version': '2023-06-01' };

describe('What POST /v1/messages refuses', () => {
  const bench = new MessagesBench();
  let app: TestApp;

  beforeAll(async () => {
    ({ app } = await bench.start({}, { BODY_LIMIT: '65536' }));
  });

  beforeEach(() => {
    bench.reset();
    app.resetProviders();
  });

  afterAll(async () => {
    await app.close();
    await bench.stop();
  });

  async function post(body: object, headers: Record<string, string> = {}, path = '/v1/messages'): Promise<Response> {
    return app.post(path, body, { headers });
  }

  it.each<[string, () => Promise<Response>, number, string]>([
    ['no JSON', () => app.request('POST', '/v1/messages', { text: '{' }), 400, 'invalid_request_error'],
    ['no key', () => app.post('/v1/messages', BODY, { key: null }), 401, 'authentication_error'],
    ['no such path', () => app.post('/v1/messages/nothing', BODY), 404, 'not_found_error'],
    ['another method', () => app.get('/v1/messages'), 405, 'invalid_request_error'],
    ['a way to ask that has no body', () => app.request('DELETE', '/v1/messages'), 405, 'invalid_request_error'],
    ['too much', () => post({ ...BODY, system: LARGE }), 413, 'request_too_large'],
    ['too much to count', () => post({ ...BODY, system: LARGE }, {}, COUNT), 413, 'request_too_large'],
    ['a compression that nobody knows', () => post(BODY, { 'content-encoding': 'zz' }), 415, 'invalid_request_error'],
    ['another type', () => post(BODY, { 'content-type': 'text/plain' }), 415, 'invalid_request_error'],
    ['an unknown model', () => post({ ...BODY, model: 'nobody/none' }), 404, 'not_found_error'],
    ['no output limit', () => post({ ...BODY, max_tokens: undefined }), 400, 'invalid_request_error'],
    ['a system prompt that is a number', () => post({ ...BODY, system: 5 }), 400, 'invalid_request_error'],
    [
      'a list of models for nobody',
      () => app.get('/v1/models', { key: null, headers: VERSION }),
      401,
      'authentication_error',
    ],
  ])('%s is one in Anthropic’s shape', async (_what, send, status, type) => {
    const answer = await send();
    const id = answer.headers.get('request-id');
    expect(id).toBe(answer.headers.get('x-request-id'));
    expect([answer.status, await answer.json()]).toEqual([
      status,
      { type: 'error', error: { type, message: expect.any(String) }, request_id: id },
    ]);
  });

  it.each<[string, object]>([
    ['a system prompt in blocks', { system: [{ type: 'text', text: 'Rules.' }] }],
    ['an answer first', { messages: [{ role: 'assistant', content: 'Hello.' }, USER] }],
    ['two questions in a row', { messages: [USER, USER] }],
    ['instructions within', { messages: [USER, { role: 'system', content: 'Now.' }] }],
  ])('%s is none', async (_what, rest) => {
    for (const model of VENDORS) {
      const answer = await post({ ...BODY, model, ...rest }, { 'anthropic-beta': 'unheard-of-2031-01-01' });
      expect([model, answer.status]).toEqual([model, 200]);
    }
  });

  it('counts for nobody who may not use the model', async () => {
    const made = await app.post('/admin/keys', { name: 'narrow', models: ['openai'] });
    const { key } = (await made.json()) as { key: string };
    const count = async (model: string): Promise<number> =>
      (await app.post(COUNT, { model, messages: [USER] }, { key })).status;
    expect([await count('openai'), await count('anthropic')]).toEqual([200, 403]);
    expect(bench.anthropic.requests).toHaveLength(0);
  });

  it('has a head and options as all routes do', async () => {
    const [head, options] = [await app.request('HEAD', '/v1/messages'), await app.request('OPTIONS', COUNT)];
    expect([head.status, head.headers.get('allow'), head.headers.get('request-id')]).toEqual([
      405,
      'POST',
      head.headers.get('x-request-id'),
    ]);
    expect([options.status, options.headers.get('allow')]).toEqual([405, 'POST']);
  });
});
