import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { FakeGemini } from '../fakes/fake-gemini.js';
import { FAKE_SIGNATURE } from '../fakes/gemini/render-response.js';
import { writeServiceAccount } from '../support/google-account.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const WEATHER_TOOL: OpenAI.Chat.ChatCompletionTool = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'The weather in a city',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
};
const DOT = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

describe('the official openai client over Gemini', () => {
  const google = new FakeGemini();
  const directory = mkdtempSync(join(tmpdir(), 'gemini-client-'));
  let app: TestApp;
  let client: OpenAI;

  beforeAll(async () => {
    await google.start();
    app = await startTestApp({
      gateway: {
        providers: {
          gemini: { type: 'gemini', base_url: google.url, api_keys: ['AIza-fake-key'] },
          vertex: {
            type: 'vertex',
            base_url: google.url,
            project: 'test-project',
            location: 'global',
            credentials_file: writeServiceAccount(directory, google.tokenUrl),
          },
        },
        models: {
          'over-gemini': { targets: ['gemini/gemini-2.5-flash'] },
          'over-gemini-3': { targets: ['gemini/gemini-3-flash-preview'] },
          'over-vertex': { targets: ['vertex/gemini-2.5-flash'] },
        },
      },
    });
    client = new OpenAI({ baseURL: `${app.url}/v1`, apiKey: app.adminKey, maxRetries: 0 });
  });

  beforeEach(() => {
    google.reset();
  });

  afterAll(async () => {
    await google.stop();
    await app.close();
    rmSync(directory, { recursive: true });
  });

  describe.each(['over-gemini', 'over-gemini-3', 'over-vertex'])('%s', (model) => {
    it('answers, and the ledger has it', async () => {
      google.reply({ text: 'Good morning.', usage: { input: 12, cachedInput: 4, output: 5, reasoning: 3 } });
      const { data, response } = await client.chat.completions
        .create({ model, messages: [{ role: 'system', content: 'Be kind.' }, user('Good morning')], max_tokens: 50 })
        .withResponse();
      expect(data.choices[0]).toMatchObject({
        message: { role: 'assistant', content: 'Good morning.' },
        finish_reason: 'stop',
      });
      expect(data.usage).toMatchObject({ prompt_tokens: 16, completion_tokens: 8, total_tokens: 24 });
      expect(data.usage?.prompt_tokens_details?.cached_tokens).toBe(4);
      expect(data.usage?.completion_tokens_details?.reasoning_tokens).toBe(3);
      const row = await app.ledgerRow(response.headers.get('x-request-id') ?? '');
      expect(row).toMatchObject({
        status: 'succeeded',
        provider: model === 'over-vertex' ? 'vertex' : 'gemini',
        model: model === 'over-gemini-3' ? 'gemini-3-flash-preview' : 'gemini-2.5-flash',
      });
    });

    it('streams, with usage when asked', async () => {
      google.reply({ pieces: ['One', ' two', ' three'], usage: { input: 7, output: 3 } });
      const chunks: OpenAI.Chat.ChatCompletionChunk[] = [];
      const stream = await client.chat.completions.create({
        model,
        stream: true,
        stream_options: { include_usage: true },
        messages: [user('Count')],
      });
      for await (const chunk of stream) chunks.push(chunk);
      expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe('One two three');
      expect(chunks.filter((chunk) => (chunk.usage ?? null) !== null)).toHaveLength(1);
      expect(chunks.at(-1)?.usage).toMatchObject({ prompt_tokens: 7, completion_tokens: 3 });
    });

    it('calls tools in parallel, shows an image and takes the results back', async () => {
      google.reply({
        toolCalls: [
          { id: 'a1', name: 'get_weather', arguments: { city: 'Oslo' } },
          { id: 'b2', name: 'get_weather', arguments: { city: 'Rome' } },
        ],
      });
      const question: OpenAI.Chat.ChatCompletionUserMessageParam = {
        role: 'user',
        content: [
          { type: 'text', text: 'Weather where this was, and in Rome?' },
          { type: 'image_url', image_url: { url: `data:image/png;base64,${DOT}` } },
        ],
      };
      const run = client.chat.completions.stream({ model, tools: [WEATHER_TOOL], messages: [question] });
      const asked = await run.finalMessage();
      const calls = asked.tool_calls ?? [];
      expect(
        calls.map(({ id, ...call }) => ({ id, arguments: call.type === 'function' && call.function.arguments })),
      ).toEqual([
        { id: 'a1', arguments: '{"city":"Oslo"}' },
        { id: 'b2', arguments: '{"city":"Rome"}' },
      ]);

      const told = await client.chat.completions.create({
        model,
        tools: [WEATHER_TOOL],
        messages: [
          question,
          { role: 'assistant', content: null, tool_calls: calls },
          { role: 'tool', tool_call_id: 'b2', content: '21 C' },
          { role: 'tool', tool_call_id: 'a1', content: '-3 C' },
          user('Thanks. And?'),
        ],
      });
      expect(told.choices[0]?.message.content).toBe('Echo: Thanks. And?');
      const sent = JSON.stringify(google.requests.at(-1)?.body);
      for (const piece of [DOT, '21 C', '-3 C', '"name":"get_weather"']) expect(sent).toContain(piece);
      expect(sent).toContain(FAKE_SIGNATURE);
    });

    it('goes on after a call that was never signed', async () => {
      const call = {
        id: 'made_elsewhere',
        type: 'function',
        function: { name: 'get_weather', arguments: '{}' },
      } as const;
      const told = await client.chat.completions.create({
        model,
        tools: [WEATHER_TOOL],
        messages: [
          user('Weather?'),
          { role: 'assistant', content: null, tool_calls: [call] },
          { role: 'tool', tool_call_id: call.id, content: '21 C' },
        ],
      });
      expect(told.choices[0]?.finish_reason).toBe('stop');
      const sent = JSON.stringify(google.requests.at(-1)?.body);
      expect(sent.includes('skip_thought_signature_validator')).toBe(model === 'over-gemini-3');
    });

    it('gets typed errors, and no word of the credential', async () => {
      google.failWith(400, { error: { code: 400, message: 'Bad schema.', status: 'INVALID_ARGUMENT' } });
      await expect(client.chat.completions.create({ model, messages: [user('Hi')] })).rejects.toMatchObject({
        constructor: OpenAI.BadRequestError,
        code: 'upstream_rejected_request',
      });
      google.failAs('context-length');
      await expect(client.chat.completions.create({ model, messages: [user('Hi')] })).rejects.toMatchObject({
        constructor: OpenAI.BadRequestError,
        code: 'context_length_exceeded',
      });
      google.failWith(401);
      const refused: unknown = await client.chat.completions
        .create({ model, messages: [user('Hi')] })
        .catch((error: unknown) => error);
      expect(refused).toMatchObject({ status: 502, code: 'upstream_auth_failed' });
      expect((refused as Error).message).not.toMatch(/AIza|ya29/);
      app.resetProviders();
    });

    it('F35: passes on that the prompt was blocked', async () => {
      google.failAs('content-filter');
      const blocked = await client.chat.completions.create({ model, messages: [user('Hi')] });
      expect(blocked.choices[0]).toMatchObject({ finish_reason: 'content_filter', message: { content: '' } });
    });
  });

  it.each([
    ['gemini/gemini-embedding-001', 3072, 768],
    ['vertex/text-embedding-005', 3072, 256],
  ])('embeds by %s', async (model, whole, dimensions) => {
    const input = ['The first text', 'The second text'];
    const long = await client.embeddings.create({ model, input });
    expect(long.data.map(({ index, embedding }) => [index, embedding.length])).toEqual([
      [0, whole],
      [1, whole],
    ]);
    expect(long.usage.total_tokens).toBeGreaterThan(0);
    const short = await client.embeddings.create({ model, input, dimensions, encoding_format: 'float' });
    for (const { embedding } of short.data) expect(Math.hypot(...embedding)).toBeCloseTo(1, 4);
    await expect(client.embeddings.create({ model, input: [[1, 2, 3]] })).rejects.toMatchObject({
      constructor: OpenAI.BadRequestError,
      param: 'input',
    });
  });

  it('says what it could not carry, and sends the rest', async () => {
    const { response } = await client.chat.completions
      .create({ model: 'over-gemini', logit_bias: { '50256': -100 }, seed: 7, user: 'u', messages: [user('Hi')] })
      .withResponse();
    const warnings = response.headers.get('x-trunkline-warnings') ?? '';
    for (const name of ['logit_bias', 'user']) expect(warnings).toContain(name);
    expect(warnings).not.toContain('seed');
    expect(google.requests.at(-1)?.body.generationConfig).toMatchObject({ seed: 7 });
  });

  it('F12: an account that Google gives no token to is the operator to see to', async () => {
    google.tokens.failWith(400, { error: 'invalid_grant' }).forever();
    google.failWith(401);
    await expect(
      client.chat.completions.create({ model: 'over-vertex', messages: [user('Hi')] }),
    ).rejects.toMatchObject({
      status: 502,
    });
    app.resetProviders();
    const refused = client.chat.completions.create({ model: 'over-vertex', messages: [user('Hi')] });
    await expect(refused).rejects.toMatchObject({ status: 502, code: 'upstream_auth_failed' });
    expect(google.tokenRequests).toHaveLength(1);
    app.resetProviders();
  });
});

function user(content: string): OpenAI.Chat.ChatCompletionUserMessageParam {
  return { role: 'user', content };
}
