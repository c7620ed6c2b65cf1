import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { collectChat } from '../../../src/core/chat/collect-chat.js';
import { OpenAiAdapter } from '../../../src/providers/adapters/openai/openai-adapter.js';
import { FakeOpenAi } from '../../fakes/fake-openai.js';
import {
  chatRequest,
  createTransport,
  CREDENTIAL,
  drain,
  kindOf,
  providerConfig,
  testAttempt,
} from './adapter-under-test.js';

const DEPLOYMENTS = ['prod', 'team a/chat?v=1#x', 'vectors'];

describe('OpenAiAdapter at an Azure resource', () => {
  const transport = createTransport();
  const fake = new FakeOpenAi({ azureDeployments: DEPLOYMENTS });

  beforeAll(() => fake.start());
  afterEach(() => {
    fake.reset();
  });
  afterAll(async () => {
    await transport.close();
    await fake.stop();
  });

  const adapter = (apiVersion: string | null, end = ''): OpenAiAdapter => {
    const azure = { apiVersion, deployments: {} };
    return new OpenAiAdapter(providerConfig('azure-openai', fake.origin + end, { azure }), transport);
  };

  it.each([
    ['2024-10-21', 'prod', '/openai/deployments/prod/chat/completions?api-version=2024-10-21'],
    [
      '2024-10-21',
      'team a/chat?v=1#x',
      '/openai/deployments/team%20a%2Fchat%3Fv%3D1%23x/chat/completions?api-version=2024-10-21',
    ],
    [null, 'prod', '/openai/v1/chat/completions'],
  ])('of version %s finds the deployment %s', async (apiVersion, deployment, path) => {
    for (const stream of [true, false]) {
      fake.reply({ text: 'Servus beinand!', usage: { input: 3, output: 2 } });
      const result = await collectChat(adapter(apiVersion).chat(deployment, chatRequest({ stream }), testAttempt()));
      expect(result).toMatchObject({
        choices: [{ text: 'Servus beinand!', finishReason: 'stop' }],
        usage: { input: 3, output: 2 },
      });
      const sent = fake.requests.at(-1);
      expect(sent?.path).toBe(path);
      expect(sent?.headers).toMatchObject({ 'api-key': CREDENTIAL });
      expect(sent?.headers).not.toHaveProperty('authorization');
      expect(sent?.body.model).toBe(deployment);
    }
  });

  it.each([
    ['2024-10-21', '/openai/', '/openai/deployments/vectors/embeddings?api-version=2024-10-21'],
    [null, '/openai/v1', '/openai/v1/embeddings'],
  ])('of version %s embeds', async (apiVersion, end, path) => {
    const request = { model: 'any', inputs: ['one', 'two'], dimensions: 8 };
    const result = await adapter(apiVersion, end).embed('vectors', request, testAttempt());
    expect(result.vectors.map((vector) => vector.length)).toEqual([8, 8]);
    const sent = fake.requests.at(-1);
    expect(sent?.path).toBe(path);
    expect(sent?.headers).toMatchObject({ 'api-key': CREDENTIAL });
    expect(sent?.headers).not.toHaveProperty('authorization');
  });

  it.each(['.', '..'])('has no deployment %s, and asks nobody for it', async (deployment) => {
    const chat = await drain(adapter('2024-10-21').chat(deployment, chatRequest(), testAttempt()));
    expect(kindOf(chat.error)).toBe('model-not-found');
    const request = { model: 'any', inputs: ['one'] };
    await expect(adapter('2024-10-21').embed(deployment, request, testAttempt())).rejects.toMatchObject({
      kind: 'model-not-found',
    });
    expect(fake.requests).toHaveLength(0);
  });

  it('F35: hears the content filter, of the prompt and of the answer', async () => {
    fake.failAs('content-filter');
    const refused = await drain(adapter(null).chat('prod', chatRequest(), testAttempt()));
    expect(refused.error).toMatchObject({ kind: 'content-filter', status: 400, param: 'prompt' });

    for (const stream of [true, false]) {
      fake.reply({ text: 'Take a', finishReason: 'content-filter' });
      const cut = await collectChat(adapter(null).chat('prod', chatRequest({ stream }), testAttempt()));
      expect(cut.choices).toMatchObject([{ text: 'Take a', finishReason: 'content-filter' }]);
    }
  });

  it('F12, F15: hears that the key is wrong and that there is no such deployment', async () => {
    const keyless = await drain(adapter(null).chat('prod', chatRequest(), testAttempt({ apiKey: null })));
    expect(keyless.error).toMatchObject({ kind: 'authentication', status: 401 });
    const unknown = await drain(adapter('2024-10-21').chat('gone', chatRequest(), testAttempt()));
    expect(unknown.error).toMatchObject({ kind: 'model-not-found', status: 404 });
  });

  it.each<[string, Record<string, string>, string, number]>([
    ['milliseconds', { 'retry-after-ms': '1500', 'retry-after': '2' }, 'Slow down.', 1_500],
    ['seconds', { 'retry-after': '2' }, 'Please retry after 9 seconds.', 2_000],
    ['words', {}, 'Please retry after 9 seconds.', 9_000],
  ])('F06: hears how long to wait in %s', async (_how, headers, message, retryAfterMs) => {
    fake.failWith(429, { error: { code: '429', message } }, headers);
    const { error } = await drain(adapter(null).chat('prod', chatRequest(), testAttempt()));
    expect(error).toMatchObject({ kind: 'rate-limited', retryAfterMs });
  });
});
