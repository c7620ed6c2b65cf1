import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeAnthropic } from '../fakes/fake-anthropic.js';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

/** A stream that is committed before any content: what may still happen, and what must not. */
describe('a stream after its commit time', () => {
  const slow = new FakeOpenAi();
  const other = new FakeAnthropic();
  let app: TestApp;

  beforeAll(async () => {
    await Promise.all([slow.start(), other.start()]);
    app = await startTestApp({
      env: { STREAM_COMMIT_MS: '50' },
      gateway: {
        providers: {
          slow: { type: 'openai', base_url: slow.url, api_keys: ['sk-slow'] },
          other: { type: 'anthropic', base_url: other.url, api_keys: ['sk-other'] },
        },
        models: {
          both: { targets: ['slow/m', 'other/claude-sonnet-5'], timeouts: { first_content_ms: 300 } },
          alone: { targets: ['slow/m'], timeouts: { first_content_ms: 300 } },
        },
      },
    });
  });

  beforeEach(() => {
    slow.reset();
    other.reset();
    app.resetProviders();
  });

  afterAll(async () => {
    await app.close();
    await Promise.all([slow.stop(), other.stop()]);
  });

  const ask = (path: string, model: string): Promise<Response> =>
    app.post(path, {
      model,
      messages: [{ role: 'user', content: 'Hi' }],
      ...(path.endsWith('stream') ? {} : { stream: true }),
    });

  it.each(['/v1/chat/completions', '/v1/chat/stream'])('F21 is answered by the next target at %s', async (path) => {
    slow.hang();
    other.reply({ pieces: ['From', ' there'] });
    const response = await ask(path, 'both');
    expect(response.status).toBe(200);
    const text = await response.text();
    expect(text.startsWith(': keep-alive\n\n')).toBe(true);
    expect(text).toContain('" there"');
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
    const row = await app.ledgerRow();
    expect(row).toMatchObject({ status: 'succeeded', provider: 'other', attempts: [{ outcome: 'failed' }, {}] });
  });

  it.each(['/v1/chat/completions', '/v1/chat/stream'])('F05 ends in an error frame at %s', async (path) => {
    slow.hang();
    const response = await ask(path, 'alone');
    expect(response.status).toBe(200);
    const text = await response.text();
    expect(text).toContain('"code":"upstream_timeout"');
    expect(text).not.toContain('[DONE]');
    expect(text).not.toContain('"start"');
    expect(await app.ledgerRow()).toMatchObject({ status: 'failed', error_code: 'upstream_timeout' });
  });

  it('F20 loses nothing of a slow answer', async () => {
    slow.slowFirst(150, { pieces: ['One', ' two', ' three'] });
    const text = await (await ask('/v1/chat/completions', 'alone')).text();
    const frames = text.split('\n\n').filter((frame) => frame.startsWith('data: {'));
    const said = frames.map((frame) => JSON.parse(frame.slice(6)) as { choices: { delta: { content?: string } }[] });
    expect(said.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe('One two three');
  });
});
