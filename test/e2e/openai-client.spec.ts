import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import type { TestApp } from '../support/test-app.js';
import { TwoVendors } from '../support/two-vendors.js';

const WEATHER_TOOL: OpenAI.Chat.ChatCompletionTool = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'The weather in a city',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
};

describe('the official openai client', () => {
  const vendors = new TwoVendors();
  const { openAi, anthropic } = vendors;
  let app: TestApp;
  let client: OpenAI;

  beforeAll(async () => {
    ({ app, client } = await vendors.start());
  });

  beforeEach(() => {
    vendors.reset();
  });

  afterAll(async () => {
    await app.close();
    await vendors.stop();
  });

  describe.each([
    ['OpenAI', 'over-openai', () => openAi],
    ['Anthropic', 'over-claude', () => anthropic],
  ] as const)('over %s', (_vendor, model, provider) => {
    it('answers', async () => {
      provider().reply({ text: 'Good morning to you.', usage: { input: 12, output: 5 } });
      const { data, response } = await client.chat.completions
        .create({
          model,
          messages: [
            { role: 'system', content: 'Be kind.' },
            { role: 'user', content: 'Good morning' },
          ],
        })
        .withResponse();
      expect(data.choices[0]?.message).toMatchObject({
        role: 'assistant',
        content: 'Good morning to you.',
        refusal: null,
      });
      expect(data.choices[0]?.finish_reason).toBe('stop');
      expect(data.object).toBe('chat.completion');
      expect(data.usage).toMatchObject({ prompt_tokens: 12, completion_tokens: 5, total_tokens: 17 });
      expect(response.headers.get('x-trunkline-attempts')).toBe('1');
      expect(Number(response.headers.get('x-trunkline-cost-usd'))).toBeGreaterThan(0);
      expect(response.headers.get('x-request-id')).toMatch(/^[A-Za-z0-9_-]+$/);
      expect(response.headers.get('x-response-time')).toMatch(/^\d+ms$/);
    });

    it('streams, with usage only when asked', async () => {
      provider().reply({ pieces: ['One', ' two', ' three'] });
      const quiet = await chunksOf(
        await client.chat.completions.create({ model, stream: true, messages: [user('Count')] }),
      );
      expect(textOf(quiet)).toBe('One two three');
      expect(quiet.every((chunk) => chunk.usage === undefined)).toBe(true);
      expect(new Set(quiet.map((chunk) => chunk.id)).size).toBe(1);
      expect(quiet.at(-1)?.choices[0]?.finish_reason).toBe('stop');

      provider().reply({ pieces: ['One', ' two'], usage: { input: 7, output: 2 } });
      const told = await chunksOf(
        await client.chat.completions.create({
          model,
          stream: true,
          stream_options: { include_usage: true },
          messages: [user('Count')],
        }),
      );
      expect(told.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 7, completion_tokens: 2 } });
      expect(told.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
    });

    it('calls tools in parallel and takes their results back', async () => {
      provider().reply({
        toolCalls: [
          { id: 'call_a', name: 'get_weather', arguments: { city: 'Oslo' } },
          { id: 'call_b', name: 'get_weather', arguments: { city: 'Rome' } },
        ],
      });
      const asked = await client.chat.completions.create({
        model,
        tools: [WEATHER_TOOL],
        messages: [user('Weather in Oslo and Rome?')],
      });
      const calls = asked.choices[0]?.message.tool_calls ?? [];
      expect(asked.choices[0]?.finish_reason).toBe('tool_calls');
      expect(calls.map(argumentsOf)).toEqual([{ city: 'Oslo' }, { city: 'Rome' }]);

      provider().reply({ text: 'Cold in Oslo, warm in Rome.' });
      const told = await client.chat.completions.create({
        model,
        tools: [WEATHER_TOOL],
        messages: [
          user('Weather in Oslo and Rome?'),
          { role: 'assistant', content: null, tool_calls: calls },
          ...calls.map((call, index) => toolResult(call.id, ['-3 C', '21 C'][index])),
        ],
      });
      expect(told.choices[0]?.message.content).toBe('Cold in Oslo, warm in Rome.');
      const sent = JSON.stringify(provider().requests.at(-1)?.body);
      for (const piece of ['-3 C', '21 C', ...calls.map((call) => call.id)]) expect(sent).toContain(piece);
    });

    it('streams tool calls through the stream helper', async () => {
      provider().reply({ toolCalls: [{ id: 'call_a', name: 'get_weather', arguments: { city: 'Oslo' } }] });
      const run = client.chat.completions.stream({
        model,
        tools: [WEATHER_TOOL],
        messages: [user('Weather in Oslo?')],
      });
      const message = await run.finalMessage();
      expect(message.tool_calls?.[0]).toMatchObject({
        id: expect.stringMatching(/^(call|toolu)_a$/),
        function: { name: 'get_weather', arguments: '{"city":"Oslo"}' },
      });
    });

    it('sees an image', async () => {
      provider().reply({ text: 'A red dot.' });
      const dot = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';
      const seen = await client.chat.completions.create({
        model,
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'What is this?' },
              { type: 'image_url', image_url: { url: `data:image/png;base64,${dot}` } },
            ],
          },
        ],
      });
      expect(seen.choices[0]?.message.content).toBe('A red dot.');
      expect(JSON.stringify(provider().requests.at(-1)?.body)).toContain(dot);
    });

    it('gets typed errors', async () => {
      await expect(client.chat.completions.create({ model, messages: [] })).rejects.toMatchObject({
        constructor: OpenAI.BadRequestError,
        status: 400,
        param: 'messages',
      });
      await expect(
        client.chat.completions.create({ model: 'no-such-model', messages: [user('Hi')] }),
      ).rejects.toMatchObject({ constructor: OpenAI.NotFoundError, code: 'model_not_found' });
      const stranger = new OpenAI({ baseURL: `${app.url}/v1`, apiKey: 'tl_wrong', maxRetries: 0 });
      await expect(stranger.chat.completions.create({ model, messages: [user('Hi')] })).rejects.toMatchObject({
        constructor: OpenAI.AuthenticationError,
        code: 'invalid_api_key',
      });
      provider().failWith(400);
      await expect(client.chat.completions.create({ model, messages: [user('Hi')] })).rejects.toMatchObject({
        constructor: OpenAI.BadRequestError,
        code: 'upstream_rejected_request',
      });
      provider().failWith(401);
      await expect(client.chat.completions.create({ model, messages: [user('Hi')] })).rejects.toMatchObject({
        constructor: OpenAI.InternalServerError,
        status: 502,
        code: 'upstream_auth_failed',
      });
      app.resetProviders();
    });
  });

  it('keeps everything it does not know when both sides speak OpenAI', async () => {
    openAi.editJson((body) => ({ ...body, x_vendor: { deep: [1, 2] }, service_tier: 'flex' }));
    const answer = await client.chat.completions.create({
      model: 'over-openai',
      messages: [user('Hi')],
      // A parameter of the future.
      ...({ brand_new_parameter: { a: 1 } } as object),
    });
    expect(openAi.requests.at(-1)?.body).toMatchObject({ brand_new_parameter: { a: 1 }, model: 'gpt-5.4-mini' });
    expect(answer).toMatchObject({ x_vendor: { deep: [1, 2] }, service_tier: 'flex' });
  });

  it('says what it could not carry to another vendor', async () => {
    const { response } = await client.chat.completions
      .create({ model: 'over-claude', seed: 7, logit_bias: { '50256': -100 }, messages: [user('Hi')] })
      .withResponse();
    expect(response.headers.get('x-trunkline-warnings')).toMatch(/seed/);
    expect(response.headers.get('x-trunkline-warnings')).toMatch(/logit_bias/);
  });

  it('embeds in its default base64, as floats, and shorter', async () => {
    const texts = ['The first text', 'The second text'];
    const packed = await client.embeddings.create({ model: 'openai/text-embedding-3-small', input: texts });
    const plain = await client.embeddings.create({
      model: 'openai/text-embedding-3-small',
      input: texts,
      encoding_format: 'float',
    });
    expect(packed.data.map((item) => item.index)).toEqual([0, 1]);
    expect(packed.data[0]?.embedding).toHaveLength(1536);
    packed.data[1]?.embedding.forEach((value, index) => {
      expect(value).toBeCloseTo(plain.data[1]?.embedding[index] ?? NaN, 6);
    });
    const short = await client.embeddings.create({
      model: 'openai/text-embedding-3-small',
      input: 'One text',
      dimensions: 256,
    });
    expect(short.data[0]?.embedding).toHaveLength(256);
    expect(short.usage.total_tokens).toBeGreaterThan(0);
  });

  it('embeds with nothing but the built-in provider', async () => {
    const local = await client.embeddings.create({ model: 'local/lexical-384', input: ['birds sing', 'birds sing'] });
    expect(local.data[0]?.embedding).toHaveLength(384);
    expect(local.data[0]?.embedding).toEqual(local.data[1]?.embedding);
  });

  it('lists models and finds one, with its slash either way', async () => {
    const ids: string[] = [];
    for await (const model of client.models.list()) ids.push(model.id);
    for (const id of ['over-openai', 'over-claude', 'smart', 'local/extractive']) expect(ids).toContain(id);
    expect(await client.models.retrieve('over-claude')).toMatchObject({ object: 'model', id: 'over-claude' });
    expect(await client.models.retrieve('local/lexical-384')).toMatchObject({ id: 'local/lexical-384' });
    const raw = await app.get('/v1/models/local/lexical-384');
    expect(raw.status).toBe(200);
    await expect(client.models.retrieve('nothing/of-the-kind')).rejects.toMatchObject({ code: 'model_not_found' });
  });
});

function user(content: string): OpenAI.Chat.ChatCompletionUserMessageParam {
  return { role: 'user', content };
}

function toolResult(id: string, content = ''): OpenAI.Chat.ChatCompletionToolMessageParam {
  return { role: 'tool', tool_call_id: id, content };
}

function argumentsOf(call: OpenAI.Chat.ChatCompletionMessageToolCall): unknown {
  return call.type === 'function' ? JSON.parse(call.function.arguments) : null;
}

async function chunksOf(
  stream: AsyncIterable<OpenAI.Chat.ChatCompletionChunk>,
): Promise<OpenAI.Chat.ChatCompletionChunk[]> {
  const chunks: OpenAI.Chat.ChatCompletionChunk[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

function textOf(chunks: OpenAI.Chat.ChatCompletionChunk[]): string {
  return chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('');
}
