import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import Anthropic from '@anthropic-ai/sdk';
import { FakeAnthropic } from './fake-anthropic.js';

const fake = new FakeAnthropic();
let client: Anthropic;

beforeAll(async () => {
  await fake.start();
  client = new Anthropic({ baseURL: fake.url, apiKey: 'sk-ant-test', maxRetries: 0, logLevel: 'off' });
});
beforeEach(() => {
  fake.reset();
});
afterAll(() => fake.stop());

const body = {
  model: 'claude-sonnet-5',
  max_tokens: 100,
  system: 'Be brief.',
  messages: [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'one two' }] }],
};

const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);

describe('FakeAnthropic answers like Anthropic', () => {
  it('gives the same message in both wire modes', async () => {
    const reply = {
      text: 'Looking it up.',
      reasoning: 'They want weather.',
      toolCalls: [{ name: 'weather', arguments: { city: 'Rome' } }],
      usage: { input: 5, cachedInput: 100, cacheWrite5m: 20, cacheWrite1h: 7, output: 9, reasoning: 4 },
    };
    fake.reply(reply).times(2);
    const whole = await client.messages.create(body);
    const streamed = await client.messages.stream(body).finalMessage();
    expect(streamed).toMatchObject({ ...whole, id: 'msg_fake2' });
    expect(whole.content.map((block) => block.type)).toEqual(['thinking', 'text', 'tool_use']);
    expect(whole.content[2]).toMatchObject({ name: 'weather', input: { city: 'Rome' } });
    expect(whole.stop_reason).toBe('tool_use');
    expect(whole.usage).toMatchObject({
      input_tokens: 5,
      cache_read_input_tokens: 100,
      cache_creation_input_tokens: 27,
      cache_creation: { ephemeral_5m_input_tokens: 20, ephemeral_1h_input_tokens: 7 },
      output_tokens: 13,
    });
  });

  it('keeps the vendor order of events', async () => {
    const types: string[] = [];
    for await (const event of await client.messages.create({ ...body, stream: true })) types.push(event.type);
    const inner = Array<string>(3).fill('content_block_delta');
    expect(types).toEqual([
      'message_start',
      'content_block_start',
      ...inner,
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
  });

  it('cuts the echo at max_tokens', async () => {
    const message = await client.messages.create({ ...body, max_tokens: 2 });
    expect(message).toMatchObject({ stop_reason: 'max_tokens', content: [{ text: 'Echo: one' }] });
  });

  it('counts tokens, lists models, and wants its headers', async () => {
    expect(await client.messages.countTokens(body)).toEqual({ input_tokens: 4 });
    expect((await client.models.list()).data[0]?.id).toBe('claude-sonnet-5');
    expect((await fetch(`${fake.url}/v1/models`)).status).toBe(401);
    expect((await fetch(`${fake.url}/v1/models`, { headers: { 'x-api-key': 'k' } })).status).toBe(400);
  });
});

describe('FakeAnthropic fails as scripted', () => {
  it.each([
    ['failWith', () => fake.failWith(401), { status: 401, type: 'authentication_error' }],
    ['failAs', () => fake.failAs('overloaded'), { status: 529, type: 'overloaded_error' }],
    ['errorFrameAfter', () => fake.errorFrameAfter(1), { type: 'overloaded_error' }],
    ['cutAfter', () => fake.cutAfter(1), { message: 'terminated' }],
    ['resetAfter', () => fake.resetAfter(1), { message: 'terminated' }],
  ])('%s', async (_name, script, expected) => {
    script();
    const stream = client.messages.create({ ...body, stream: true }).then(async (events) => {
      for await (const event of events) expect(event).toBeDefined();
    });
    expect(await outcome(stream)).toMatchObject(expected);
  });

  it('leaves usage out where it was told to', async () => {
    fake.noUsage().times(2);
    expect((await client.messages.create(body)).usage).toBeUndefined();
    for await (const event of await client.messages.create({ ...body, stream: true })) {
      if (event.type === 'message_start') expect(event.message.usage).toBeUndefined();
      if (event.type === 'message_delta') expect(event.usage).toBeUndefined();
    }
  });
});

describe('FakeAnthropic refuses what Anthropic refuses', () => {
  const text = (value: string): object => ({ type: 'text', text: value });
  const user = (...content: object[]): object => ({ role: 'user', content });
  const assistant = (...content: object[]): object => ({ role: 'assistant', content });
  const call = { type: 'tool_use', id: 'a', name: 'f', input: {} };
  const result = { type: 'tool_result', tool_use_id: 'a', content: [] };
  const tools = [{ name: 'f', input_schema: { type: 'object' } }];
  const thinking = { type: 'enabled', budget_tokens: 1024 };
  const older = { model: 'claude-haiku-4-5', max_tokens: 2000 };

  const post = async (change: object): Promise<{ status: number; message?: string }> => {
    const response = await fetch(`${fake.url}/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': 'k', 'anthropic-version': '2023-06-01' },
      body: JSON.stringify({ ...body, ...change }),
    });
    const reply = (await response.json()) as { error?: { message: string } };
    return { status: response.status, message: reply.error?.message };
  };

  it.each<[string, object]>([
    ['max_tokens: Field required', { max_tokens: undefined }],
    ['at least one message', { messages: [] }],
    ['foo: Extra inputs', { foo: 1 }],
    ['first message must use the "user" role', { messages: [assistant(text('a'))] }],
    ['roles must alternate', { messages: [user(text('a')), user(text('b'))] }],
    ['must be non-empty', { messages: [user(text(''))] }],
    ['non-whitespace', { messages: [user(text(' '))] }],
    ['system: text', { system: [text(' ')] }],
    ['each stop sequence', { stop_sequences: ['\n'] }],
    ['temperature: range', { temperature: 2 }],
    ['must define tools', { messages: [user(text('a')), assistant(call), user(result)] }],
    ['without `tool_result` blocks', { tools, messages: [user(text('a')), assistant(call), user(text('b'))] }],
    ['without `tool_result` blocks', { tools, messages: [user(text('a')), assistant(call), user(text('b'), result)] }],
    ['unexpected `tool_use_id`', { tools, messages: [user(result)] }],
    ['not found in provided tools', { tools, tool_choice: { type: 'tool', name: 'g' } }],
    ['only be specified while providing tools', { tool_choice: { type: 'auto' } }],
    ['at the top level', { tools: [{ name: 'f', input_schema: { type: 'object', anyOf: [] } }] }],
    ['must be greater than `thinking.budget_tokens`', { ...older, thinking, max_tokens: 1024 }],
    ['greater than or equal to 1024', { ...older, thinking: { ...thinking, budget_tokens: 1 } }],
    ['forces tool use', { ...older, thinking, tools, tool_choice: { type: 'any' } }],
    ['may only be set to 1', { ...older, thinking, temperature: 0.5 }],
    ['Expected `thinking`', { ...older, thinking, tools, messages: [user(text('a')), assistant(call), user(result)] }],
    [
      'Invalid `signature`',
      {
        messages: [
          user(text('a')),
          assistant({ type: 'thinking', thinking: 'x', signature: 'y' }, text('b')),
          user(text('c')),
        ],
      },
    ],
    ['"thinking.type.enabled" is not supported', { thinking, max_tokens: 2000 }],
    ['`temperature` is deprecated', { temperature: 0.5 }],
    ['cannot both be specified', { ...older, temperature: 0.5, top_p: 0.5 }],
    ['does not support assistant message prefill', { messages: [user(text('a')), assistant(text('b'))] }],
    ['trailing whitespace', { ...older, messages: [user(text('a')), assistant(text('b '))] }],
    [
      'A maximum of 4 blocks',
      {
        messages: [user(...Array.from({ length: 5 }, () => ({ ...text('a'), cache_control: { type: 'ephemeral' } })))],
      },
    ],
  ])('%s', async (message, change) => {
    expect(await post(change)).toEqual({ status: 400, message: expect.stringContaining(message) });
  });

  it('and takes a turn of tools with its own thinking back', async () => {
    fake.reply({ reasoning: 'Hm.', redactedReasoning: 'x', toolCalls: [{ id: 'a', name: 'f', arguments: {} }] });
    const request = { ...older, thinking, tools } as unknown as Anthropic.MessageCreateParamsNonStreaming;
    const { content } = await client.messages.create({ ...request, messages: body.messages });
    const taken = await post({
      ...older,
      thinking,
      tools,
      messages: [...body.messages, assistant(...content), user(result)],
    });
    expect(taken).toEqual({ status: 200, message: undefined });
  });
});
