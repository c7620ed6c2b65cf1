import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeGemini } from '../../../../test/fakes/fake-gemini.js';
import { collectChat } from '../../../core/chat/collect-chat.js';
import type { ChatRequest } from '../../../core/chat/chat-request.js';
import type { ChatResult } from '../../../core/chat/chat-result.js';
import { SystemClock } from '../../../core/clock.js';
import type { ProviderConfig } from '../../../config/gateway-config.js';
import type { AttemptContext } from '../../provider-adapter.js';
import { HttpTransport } from '../../transport/http-transport.js';
import { GeminiAdapter } from './gemini-adapter.js';

const fake = new FakeGemini();
const transport = new HttpTransport(new SystemClock());

beforeAll(() => fake.start());
beforeEach(() => {
  fake.reset();
});
afterAll(async () => {
  await transport.close();
  await fake.stop();
});

function adapter(config: Partial<ProviderConfig> = {}): GeminiAdapter {
  const whole = { type: 'gemini', baseUrl: fake.url, headers: {}, vertex: null, ...config } as ProviderConfig;
  return new GeminiAdapter(whole, transport);
}

function attempt(apiKey: string | null = 'AIza-test-key'): AttemptContext {
  const ms = 2_000;
  return {
    callId: 'req_1',
    signal: new AbortController().signal,
    apiKey,
    timeouts: { connectMs: ms, firstContentMs: ms, responseHeadMs: ms, idleMs: ms, bodyMs: ms, totalMs: ms },
    maxOutputTokens: null,
    warn: () => undefined,
    skipped: () => undefined,
    implausibleUsage: () => undefined,
  };
}

const REQUEST: ChatRequest = {
  model: 'alias',
  stream: false,
  messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
};

function ask(model: string, request: Partial<ChatRequest> = {}, config?: Partial<ProviderConfig>): Promise<ChatResult> {
  return collectChat(adapter(config).chat(model, { ...REQUEST, ...request }, attempt()));
}

describe(GeminiAdapter.name, () => {
  it.each([
    [false, '/v1beta/models/gemini-2.5-flash:generateContent'],
    [true, '/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse'],
  ])('asks by method, with the key in a header (stream %s)', async (stream, path) => {
    const answer = await ask('gemini-2.5-flash', { stream });
    expect(answer).toMatchObject({ model: 'gemini-2.5-flash', choices: [{ text: 'Echo: Hi', finishReason: 'stop' }] });
    expect(fake.requests[0]).toMatchObject({ path, headers: { 'x-goog-api-key': 'AIza-test-key' } });
    expect(fake.requests[0]?.body).not.toHaveProperty('stream');
  });

  it('keeps the path and the query of the base address, and the headers of the provider', async () => {
    await ask('m', { stream: true }, { baseUrl: `${fake.url}/proxy/?team=a`, headers: { 'X-Team': 'b' } }).catch(
      () => undefined,
    );
    expect(fake.requests[0]).toMatchObject({
      path: '/proxy/v1beta/models/m:streamGenerateContent?team=a&alt=sse',
      headers: { 'x-team': 'b' },
    });
  });

  it.each([
    ['openai/../../admin', 'openai%2F..%2F..%2Fadmin'],
    ['..', '..'],
    ['a?key=b#c', 'a%3Fkey%3Db%23c'],
    ['%2e%2e%2fadmin', '%252e%252e%252fadmin'],
    ['a\\b\n c', 'a%5Cb%0A%20c'],
    ['half \ud800 a pair', 'half%20%EF%BF%BD%20a%20pair'],
    ['models/gemini-2.5-flash', 'gemini-2.5-flash'],
  ])('the name %j does not leave its place in the path', async (model, segment) => {
    await ask(model).catch(() => undefined);
    expect(fake.requests.map(({ path }) => path)).toEqual([`/v1beta/models/${segment}:generateContent`]);
  });

  it('refuses more choices than the API gives, and gives as many as it does', async () => {
    expect(adapter().refusalOf({ ...REQUEST, choices: 9 })).toMatchObject({ param: 'n' });
    expect(adapter().refusalOf({ ...REQUEST, choices: 8 })).toBeNull();
    for (const stream of [true, false]) {
      const answer = await ask('gemini-2.5-flash', { choices: 2, stream });
      expect(answer.choices.map(({ text }) => text)).toEqual(['Echo: Hi', 'Echo: Hi']);
    }
  });

  it('says what Google says of a key it does not know, without the key', async () => {
    const refused = collectChat(adapter().chat('m', REQUEST, attempt('invalid')));
    await expect(refused).rejects.toMatchObject({ kind: 'authentication', status: 400 });
    fake.failWith(400, { error: { message: 'Bad value AIza-test-key here.', status: 'INVALID_ARGUMENT' } });
    await expect(ask('m')).rejects.toMatchObject({
      kind: 'invalid-request',
      message: 'The provider rejected the request: Bad value [removed] here.',
    });
  });

  it('reads a stream that came as JSON because the server ignored how it was asked', async () => {
    const chunk = { candidates: [{ content: { parts: [{ text: 'One' }] } }] };
    const last = { candidates: [{ content: { parts: [{ text: ' two' }] }, finishReason: 'STOP' }] };
    fake.rawBody('application/json', JSON.stringify([chunk, last]));
    expect((await ask('m', { stream: true })).choices[0]).toMatchObject({ text: 'One two', finishReason: 'stop' });
  });
});
