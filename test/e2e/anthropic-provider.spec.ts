import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import type { TestApp } from '../support/test-app.js';
import { TwoVendors } from '../support/two-vendors.js';

type Request = OpenAI.Chat.ChatCompletionCreateParamsNonStreaming;

const TOOL = { type: 'function' as const, function: { name: 'get_weather', parameters: { type: 'object' } } };
const CALLS: Request['messages'] = [
  { role: 'user', content: 'Weather in Oslo?' },
  {
    role: 'assistant',
    content: null,
    tool_calls: [{ id: 'call_a', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Oslo"}' } }],
  },
  { role: 'tool', tool_call_id: 'call_a', content: '7 C' },
];
const EVERY_AGE = {
  'with-budget': { targets: ['claude/claude-haiku-4-5'] },
  'both-ways': { targets: ['claude/claude-opus-4-6'] },
  'by-default': { targets: ['claude/claude-sonnet-5'] },
  'bound-notes': { targets: ['claude/claude-sonnet-5-5'] },
  'always-on': { targets: ['claude/claude-opus-5-5'] },
  oldest: { targets: ['claude/claude-3-haiku-20240307'] },
};

describe('Anthropic behind the OpenAI routes', () => {
  const vendors = new TwoVendors();
  const { anthropic: fake } = vendors;
  let app: TestApp;
  let client: OpenAI;

  beforeAll(async () => {
    ({ app, client } = await vendors.start(EVERY_AGE));
  });

  beforeEach(() => {
    vendors.reset();
    app.resetProviders();
  });

  afterAll(async () => {
    await app.close();
    await vendors.stop();
  });

  describe.each(Object.keys(EVERY_AGE))('takes of the model %s', (model) => {
    it.each<[string, Partial<Request>]>([
      [
        'everything at once',
        { temperature: 1.5, top_p: 0.5, stop: ['\n', 'END'], user: 'u', seed: 1, reasoning_effort: 'high' },
      ],
      ['a small limit with much thinking', { max_tokens: 10, reasoning_effort: 'xhigh' }],
      ['no thinking', { reasoning_effort: 'none' }],
      ['a forced tool', { tools: [TOOL], tool_choice: 'required', reasoning_effort: 'low' }],
      ['a named tool', { tools: [TOOL], tool_choice: { type: 'function', function: { name: 'get_weather' } } }],
      ['one tool at a time', { tools: [TOOL], parallel_tool_calls: false }],
      ['results of tools, and tools', { tools: [TOOL], messages: CALLS, reasoning_effort: 'low' }],
      ['results of tools without tools', { messages: CALLS }],
      [
        'the beginning of an answer',
        {
          messages: [
            { role: 'user', content: 'Hi' },
            { role: 'assistant', content: 'Well, ' },
          ],
        },
      ],
      [
        'thinking about the beginning of an answer',
        {
          reasoning_effort: 'low',
          messages: [
            { role: 'user', content: 'Hi' },
            { role: 'assistant', content: 'Well, ' },
          ],
        },
      ],
      [
        'an answer before any question',
        {
          messages: [
            { role: 'assistant', content: 'Hello.' },
            { role: 'user', content: 'Hi' },
          ],
        },
      ],
      ['instructions alone', { messages: [{ role: 'system', content: 'Say hello.' }] }],
      [
        'empty texts',
        {
          messages: [
            { role: 'system', content: '' },
            {
              role: 'user',
              content: [
                { type: 'text', text: ' ' },
                { type: 'text', text: 'Hi' },
              ],
            },
            { role: 'assistant', content: '' },
            { role: 'user', content: 'So?' },
          ],
        },
      ],
      [
        'a schema',
        {
          response_format: {
            type: 'json_schema',
            json_schema: { name: 's', schema: { type: 'object', properties: {} } },
          },
        },
      ],
    ])('%s', async (_what, request) => {
      fake.reply({ text: 'Hello.' });
      const answer = await client.chat.completions.create({
        model,
        messages: [{ role: 'user', content: 'Hi' }],
        ...request,
      });
      expect(answer.choices[0]?.message.content).toBe('Hello.');
    });
  });

  it('carries cache marks, and bills what they cost', async () => {
    fake.reply({ text: 'Hello.', usage: { input: 3, cacheWrite1h: 5000, cachedInput: 2000, output: 2 } });
    const mark = { cache_control: { type: 'ephemeral', ttl: '1h' } };
    const content = [{ type: 'text' as const, text: 'A long book.', ...mark }];
    const { data, response } = await client.chat.completions
      .create({
        model: 'by-default',
        messages: [
          { role: 'system', content },
          { role: 'user', content: 'Hi' },
        ],
      })
      .withResponse();
    expect(response.headers.get('x-trunkline-warnings')).toBeNull();
    expect(fake.requests[0]?.body.system).toEqual([{ type: 'text', text: 'A long book.', ...mark }]);
    expect(data.usage).toMatchObject({ prompt_tokens: 7003, prompt_tokens_details: { cached_tokens: 2000 } });
    const usage = { cache_write_1h_tokens: 5000, cached_input_tokens: 2000, input_tokens: 7003 };
    expect(await app.ledgerRow(response.headers.get('x-request-id') ?? '')).toMatchObject({ usage });
  });

  it('F30, F33: bills a stream that breaks for the prompt as Anthropic counted it', async () => {
    fake.errorFrameAfter(2, { pieces: ['One', ' two', ' three'], usage: { input: 3, cachedInput: 4000, output: 3 } });
    const { data, response } = await client.chat.completions
      .create({ model: 'by-default', stream: true, messages: [{ role: 'user', content: 'Count' }] })
      .withResponse();
    await expect(async () => {
      for await (const chunk of data) expect(chunk.object).toBe('chat.completion.chunk');
    }).rejects.toMatchObject({ code: 'upstream_stream_interrupted' });
    const row = await app.ledgerRow(response.headers.get('x-request-id') ?? '');
    const usage = { input_tokens: 4003, cached_input_tokens: 4000, output_tokens: 2, estimated: true };
    expect(row).toMatchObject({ usage });
  });

  it('refuses a tool choice that no target can serve', async () => {
    await expect(
      client.chat.completions.create({
        model: 'by-default',
        messages: [{ role: 'user', content: 'Hi' }],
        tools: [{ type: 'custom', custom: { name: 'shell' } }],
        tool_choice: { type: 'custom', custom: { name: 'shell' } },
      }),
    ).rejects.toMatchObject({ status: 400, code: 'unsupported_capability', param: 'tool_choice' });
    expect(fake.requests).toHaveLength(0);
  });

  it('F08: takes spent credit for that', async () => {
    fake.failAs('quota-exhausted');
    await expect(
      client.chat.completions.create({ model: 'by-default', messages: [{ role: 'user', content: 'Hi' }] }),
    ).rejects.toMatchObject({ status: 502, code: 'upstream_quota_exhausted' });
  });
});
