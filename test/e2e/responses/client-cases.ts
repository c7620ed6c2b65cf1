import { beforeAll, describe, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import { openAiSchemaCheck } from '../../support/openai-schemas.js';
import { expectValidEvents, MODELS, promptOf, type ResponseBench } from './response-bench.js';

type Item = OpenAI.Responses.ResponseInputItem;

const WEATHER: OpenAI.Responses.FunctionTool = {
  type: 'function',
  name: 'weather',
  description: 'The weather in a city',
  strict: true,
  parameters: {
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
    additionalProperties: false,
  },
};

/** What OpenAI's client expects of responses, over every vendor. */
export function answerTheClient(bench: ResponseBench): void {
  const checkResponse = openAiSchemaCheck('Response');
  let client: OpenAI;

  beforeAll(() => {
    client = bench.client();
  });

  describe.each(MODELS)('%s', (model) => {
    it('answers whole, and keeps what it answered', async () => {
      bench.fakeOf(model).reply({ text: 'Hello yourself.' });
      const response = await client.responses.create({ model, input: 'Hello' });
      checkResponse(response);
      expect(response).toMatchObject({ status: 'completed', output_text: 'Hello yourself.', store: true });
      expect(response.id).toMatch(/^resp_[0-9A-Z]{24}$/);
      const { _request_id: _, ...sent } = response as typeof response & { _request_id?: string };
      const { _request_id: __, ...kept } = (await client.responses.retrieve(response.id)) as typeof sent & {
        _request_id?: string;
      };
      expect(kept).toEqual(sent);
    });

    it('goes on from what was said, as often as wanted', async () => {
      const fake = bench.fakeOf(model);
      fake.reply({ text: 'Hello Ada.' });
      fake.reply({ text: 'Ada.' });
      fake.reply({ text: 'I said so.' });
      const first = await client.responses.create({ model, input: 'I am Ada', instructions: 'Be brief.' });
      const second = await client.responses.create({ model, input: 'Who am I?', previous_response_id: first.id });
      expect(second.previous_response_id).toBe(first.id);
      const stream = client.responses.stream({ model, input: 'Sure?', previous_response_id: second.id });
      expect((await stream.finalResponse()).output_text).toBe('I said so.');
      const prompt = promptOf(fake.requests.at(-1)?.body);
      const places = ['I am Ada', 'Hello Ada.', 'Who am I?', 'Ada.', 'Sure?'].map((text) =>
        prompt.indexOf(`"${text}"`),
      );
      expect(places.every((place) => place >= 0)).toBe(true);
      expect(places).toEqual([...places].sort((left, right) => left - right));
      // Instructions are for one response.
      expect(prompt).not.toContain('Be brief.');
    });

    it('streams events that are valid, numbered, and fold into what is kept', async () => {
      bench.fakeOf(model).reply({ reasoning: 'Hm.', pieces: ['One ', 'two ', 'three'] });
      const events: OpenAI.Responses.ResponseStreamEvent[] = [];
      const stream = await client.responses.create({
        model,
        input: 'Count',
        stream: true,
        reasoning: { effort: 'low' },
      });
      for await (const event of stream) events.push(event);
      expectValidEvents(events);
      const last = events.at(-1);
      if (last?.type !== 'response.completed') throw new Error(`It ended with ${String(last?.type)}.`);
      checkResponse(last.response);
      const kept = await client.responses.retrieve(last.response.id);
      expect(kept.output_text).toBe('One two three');
      expect(kept.output).toEqual(last.response.output);
    });

    it('runs tools to the end', async () => {
      const fake = bench.fakeOf(model);
      fake.reply({ toolCalls: [{ name: 'weather', arguments: { city: 'Oslo' } }] });
      fake.reply({ text: 'Cold.' });
      const first = await client.responses.create({ model, input: 'How warm is Oslo?', tools: [WEATHER] });
      const call = first.output.find((item) => item.type === 'function_call');
      if (!call) throw new Error('No tool was called.');
      expect(JSON.parse(call.arguments)).toEqual({ city: 'Oslo' });
      const result: Item = { type: 'function_call_output', call_id: call.call_id, output: '-3 C' };
      const second = await client.responses.create({
        ...{ model, tools: [WEATHER], previous_response_id: first.id, input: [result] },
      });
      expect(second.output_text).toBe('Cold.');
      expect(promptOf(fake.requests.at(-1)?.body)).toContain('-3 C');
      // The same without our memory: by the ids of the items, as some clients do it, and with the items themselves.
      fake.reply({ text: 'Cold.' }).times(2);
      const question: Item = { role: 'user', content: 'How warm is Oslo?' };
      const reference: Item = { type: 'item_reference', id: call.id ?? '' };
      for (const item of [reference, call]) {
        const other = await client.responses.create({ model, tools: [WEATHER], input: [question, item, result] });
        expect(other.output_text).toBe('Cold.');
        expect(promptOf(fake.requests.at(-1)?.body)).toContain('-3 C');
      }
    });

    it('parses structured output', async () => {
      const schema = {
        type: 'object',
        properties: { n: { type: 'integer' } },
        required: ['n'],
        additionalProperties: false,
      };
      bench.fakeOf(model).reply({ text: '{"n":7}' });
      const parsed = await client.responses.parse({
        model,
        input: 'Seven',
        text: { format: { type: 'json_schema', name: 'number', schema, strict: true } },
      });
      expect(parsed.output_parsed).toEqual({ n: 7 });
    });
  });

  it('lists what a response was made of, page by page', async () => {
    bench.lab.reply({ text: 'A' });
    bench.lab.reply({ text: 'B' });
    const first = await client.responses.create({ model: 'over-chat', input: 'one' });
    const second = await client.responses.create({
      ...{ model: 'over-chat', previous_response_id: first.id },
      input: [
        { role: 'user', content: 'two' },
        { role: 'user', content: [{ type: 'input_text', text: 'three' }] },
      ],
    });
    for (const [order, expected] of [
      ['asc', ['one', 'A', 'two', 'three']],
      ['desc', ['three', 'two', 'A', 'one']],
    ] as const) {
      const texts: unknown[] = [];
      for await (const item of client.responses.inputItems.list(second.id, { order, limit: 1 })) {
        expect(item.id).toMatch(/^msg_/);
        texts.push((item as { content: { text: string }[] }).content[0]?.text);
      }
      expect(texts).toEqual(expected);
    }
    const page = await bench.app.get(`/v1/responses/${second.id}/input_items`);
    expect(await page.json()).toMatchObject({
      object: 'list',
      has_more: false,
      data: [{ status: 'completed' }, {}, {}, {}],
    });
    const odd = await bench.app.get(`/v1/responses/${second.id}/input_items?after=msg_nowhere`);
    expect([odd.status, await odd.json()]).toMatchObject([400, { error: { code: 'invalid_cursor' } }]);
  });

  it('counts what would be told, at no cost', async () => {
    bench.lab.reply({ text: 'A much longer answer than the question was, with many words in it.' });
    const first = await client.responses.create({ model: 'over-chat', input: 'one' });
    const alone = await client.responses.inputTokens.count({ model: 'over-chat', input: 'two' });
    const after = await client.responses.inputTokens.count({
      ...{ model: 'over-chat', input: 'two', previous_response_id: first.id },
    });
    expect(alone.object).toBe('response.input_tokens');
    expect(after.input_tokens).toBeGreaterThan(alone.input_tokens + 10);
    expect(bench.lab.requests).toHaveLength(1);
  });

  it('deletes', async () => {
    bench.lab.reply({ text: 'A' });
    const { id } = await client.responses.create({ model: 'over-chat', input: 'one' });
    await client.responses.delete(id);
    await expect(client.responses.retrieve(id)).rejects.toMatchObject({ status: 404, code: 'not_found' });
    await expect(client.responses.delete(id)).rejects.toMatchObject({ status: 404 });
    await expect(
      client.responses.create({ model: 'over-chat', input: 'two', previous_response_id: id }),
    ).rejects.toMatchObject({ status: 404, code: 'previous_response_not_found' });
    expect(await bench.query('select 1 from response_item where response_id = $1', [id])).toEqual([]);
  });
}
