import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import Anthropic from '@anthropic-ai/sdk';
import type { BetaRunnableTool } from '@anthropic-ai/sdk/lib/tools/BetaRunnableTool';
import type { TestApp } from '../../support/test-app.js';
import { MessagesBench, VENDORS } from './messages-bench.js';

const HI = { max_tokens: 100, messages: [{ role: 'user' as const, content: 'Hi' }] };
const WEATHER: Anthropic.Tool = {
  name: 'get_weather',
  description: 'The weather in a city',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};
const DOT = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';

describe("Anthropic's official client", () => {
  const bench = new MessagesBench();
  let app: TestApp;
  let client: Anthropic;

  beforeAll(async () => {
    ({ app, client } = await bench.start());
  });

  beforeEach(() => {
    bench.reset();
    app.resetProviders();
  });

  afterAll(async () => {
    await app.close();
    await bench.stop();
  });

  describe.each(VENDORS)('over %s', (model) => {
    it('creates a message', async () => {
      bench[model].reply({ text: 'Hello there.', usage: { input: 7, output: 3 } });
      const { data: message, response } = await client.messages.create({ ...HI, model }).withResponse();
      expect(message).toMatchObject({
        type: 'message',
        role: 'assistant',
        content: [{ type: 'text', text: 'Hello there.' }],
        stop_reason: 'end_turn',
        usage: { input_tokens: 7, output_tokens: 3 },
      });
      expect(message.id).toMatch(/^msg_/);
      const requestId = response.headers.get('request-id') ?? '';
      expect(message).toHaveProperty('_request_id', requestId);
      expect(await app.ledgerRow(requestId)).toMatchObject({ status: 'succeeded' });
    });

    it('streams one, events in their order', async () => {
      bench[model].reply({ pieces: ['Hel', 'lo'], reasoning: 'Hm.', usage: { input: 7, output: 3 } });
      const stream = client.messages.stream({ ...HI, model });
      const types: string[] = [];
      stream.on('streamEvent', (event) => types.push(event.type));
      const message = await stream.finalMessage();
      expect(message.content.at(-1)).toMatchObject({ type: 'text', text: 'Hello' });
      expect(message.usage).toMatchObject({ input_tokens: 7 });
      expect(types[0]).toBe('message_start');
      expect(types.slice(-2)).toEqual(['message_delta', 'message_stop']);
    });

    it.each([false, true])('calls tools at once and takes their results (stream: %s)', async (stream) => {
      bench[model].reply({
        toolCalls: [
          { id: 'call_a', name: 'get_weather', arguments: { city: 'Oslo' } },
          { id: 'call_b', name: 'get_weather', arguments: { city: 'Rome' } },
        ],
      });
      const asked = { ...HI, model, tools: [WEATHER] };
      const first = stream ? await client.messages.stream(asked).finalMessage() : await client.messages.create(asked);
      expect(first.stop_reason).toBe('tool_use');
      const uses = first.content.filter((block) => block.type === 'tool_use');
      expect(uses.map(({ input }) => input)).toEqual([{ city: 'Oslo' }, { city: 'Rome' }]);
      bench[model].reply({ text: 'Sunny and wet.' });
      const results: Anthropic.ToolResultBlockParam[] = uses.map(({ id }, index) => ({
        type: 'tool_result',
        tool_use_id: id,
        is_error: index === 1,
        content: [
          { type: 'text', text: `weather ${String(index)}` },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: DOT } },
        ],
      }));
      const second = await client.messages.create({
        ...asked,
        messages: [...HI.messages, { role: 'assistant', content: first.content }, { role: 'user', content: results }],
      });
      expect(second.content).toMatchObject([{ type: 'text', text: 'Sunny and wet.' }]);
      const sent = JSON.stringify(bench[model].requests.at(-1)?.body);
      for (const part of ['weather 0', 'weather 1', DOT, 'Oslo']) expect(sent).toContain(part);
    });

    it('runs tools to the end', async () => {
      bench[model].reply({ toolCalls: [{ name: 'get_weather', arguments: { city: 'Oslo' } }] });
      bench[model].reply({ text: 'It rains.' });
      const cities: unknown[] = [];
      const tool: BetaRunnableTool<{ city: string }> = {
        ...WEATHER,
        type: 'custom',
        run: ({ city }) => {
          cities.push(city);
          return 'rain';
        },
        parse: (input) => input as { city: string },
      };
      const message = await client.beta.messages.toolRunner({ ...HI, model, tools: [tool], stream: false });
      expect(cities).toEqual(['Oslo']);
      expect(message.content).toMatchObject([{ type: 'text', text: 'It rains.' }]);
    });

    it('counts tokens, at no cost', async () => {
      const { data, response } = await client.messages
        .countTokens({ model, system: 'Be brief.', messages: HI.messages, tools: [WEATHER] })
        .withResponse();
      expect(data.input_tokens).toBeGreaterThan(model === 'anthropic' ? 2 : 8);
      expect(bench[model].requests.map(({ route }) => route)).toEqual(
        model === 'anthropic' ? ['POST /v1/messages/count_tokens'] : [],
      );
      const row = await app.get(`/v1/usage/requests/${response.headers.get('request-id') ?? ''}`);
      expect(row.status).toBe(404);
    });

    it('has each refusal as an error of its class', async () => {
      const wrong = client.messages.create({ ...HI, model, max_tokens: -1 });
      await expect(wrong).rejects.toBeInstanceOf(Anthropic.BadRequestError);
      const unknown = client.messages.create({ ...HI, model: 'nobody/none' });
      await expect(unknown).rejects.toBeInstanceOf(Anthropic.NotFoundError);
      bench[model].failAs('overloaded').times(3);
      const overloaded = client.messages.create({ ...HI, model });
      await expect(overloaded).rejects.toMatchObject({ status: 529, type: 'overloaded_error' });
      bench[model].cutAfter(1, { pieces: ['Hel', 'lo'] });
      const cut = client.messages.stream({ ...HI, model }).finalMessage();
      await expect(cut).rejects.toMatchObject({ type: 'api_error' });
    });
  });
});
