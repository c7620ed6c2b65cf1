import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import type { RunnableToolFunctionWithParse } from 'openai/lib/RunnableFunction';
import type { TestApp } from '../support/test-app.js';
import { TwoVendors } from '../support/two-vendors.js';

const HI: OpenAI.Chat.ChatCompletionMessageParam[] = [{ role: 'user', content: 'Hi' }];
const CITY = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
};

describe("the openai client's helpers", () => {
  const vendors = new TwoVendors();
  const { openAi, anthropic } = vendors;
  let app: TestApp;
  let client: OpenAI;

  beforeAll(async () => {
    ({ app, client } = await vendors.start({ 'over-claude': { targets: ['claude/claude-sonnet-4-5'] } }));
  });

  beforeEach(() => {
    vendors.reset();
    app.resetProviders();
  });

  afterAll(async () => {
    await app.close();
    await vendors.stop();
  });

  describe.each([
    ['OpenAI', 'over-openai', () => openAi],
    ['Anthropic', 'over-claude', () => anthropic],
  ] as const)('over %s', (_vendor, model, provider) => {
    it.each([false, true])('runs tools to the end (stream: %s)', async (stream) => {
      provider().reply({ reasoning: 'Hm.', toolCalls: [{ name: 'weather', arguments: { city: 'Oslo' } }] });
      provider().reply({ text: 'Cold.' });
      const asked: unknown[] = [];
      const tool: RunnableToolFunctionWithParse<object> = {
        type: 'function',
        function: {
          name: 'weather',
          parameters: CITY,
          description: 'The weather in a city',
          parse: (text) => JSON.parse(text) as object,
          function: (input) => {
            asked.push(input);
            return '-3 C';
          },
        },
      };
      const options = { model, messages: HI, tools: [tool], reasoning_effort: 'low' as const };
      const run = stream
        ? client.chat.completions.runTools({ ...options, stream: true, stream_options: { include_usage: true } })
        : client.chat.completions.runTools(options);
      expect(await run.finalContent()).toBe('Cold.');
      expect(asked).toEqual([{ city: 'Oslo' }]);
      expect(JSON.stringify(provider().requests.at(-1)?.body)).toContain('-3 C');
      expect((await run.totalUsage()).completion_tokens).toBeGreaterThan(0);
    });

    it('parses an answer that was held to a schema', async () => {
      provider().reply({ text: '{"city":"Oslo"}' });
      const parsed = await client.chat.completions.parse({
        model,
        messages: HI,
        response_format: { type: 'json_schema', json_schema: { name: 'city', strict: true, schema: CITY } },
      });
      expect(JSON.parse(parsed.choices[0]?.message.content ?? '')).toEqual({ city: 'Oslo' });
      expect(JSON.stringify(provider().requests.at(-1)?.body)).toContain('additionalProperties');
    });

    it.each([false, true])(
      'gives up when its caller does, and the provider hears of it (stream: %s)',
      async (stream) => {
        provider().hang();
        const controller = new AbortController();
        const asking = client.chat.completions.create({ model, messages: HI, stream }, { signal: controller.signal });
        const upstream = await provider().nextRequest();
        controller.abort();
        await expect(asking).rejects.toBeInstanceOf(OpenAI.APIUserAbortError);
        await upstream.closedByClient;
      },
    );

    it('may stop reading a stream at its finish, which is a success', async () => {
      provider().reply({ pieces: ['One', ' two'] });
      const { data, response } = await client.chat.completions
        .create({ model, messages: HI, stream: true })
        .withResponse();
      for await (const chunk of data) if (chunk.choices[0]?.finish_reason) break;
      const row = await app.ledgerRow(response.headers.get('x-request-id') ?? '');
      expect(row).toMatchObject({ status: 'succeeded', attempts: [{ outcome: 'succeeded', error_kind: null }] });
    });

    it('retries no more than we ask it to', async () => {
      provider().failWith(500).forever();
      const retrying = new OpenAI({ baseURL: `${app.url}/v1`, apiKey: app.adminKey });
      await expect(retrying.chat.completions.create({ model, messages: HI })).rejects.toMatchObject({ status: 502 });
      expect(provider().requests).toHaveLength(3);
    });
  });
});
