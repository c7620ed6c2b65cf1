import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const WEATHER = {
  name: 'get_weather',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};

/** By which of OpenAI's surfaces a request goes on. */
describe('the surfaces of OpenAI', () => {
  const openAi = new FakeOpenAi();
  const azure = new FakeOpenAi({ azureDeployments: ['mine'] });
  let app: TestApp;
  let client: OpenAI;

  beforeAll(async () => {
    await Promise.all([openAi.start(), azure.start()]);
    app = await startTestApp({
      gateway: {
        providers: {
          openai: { type: 'openai', base_url: openAi.url, api_keys: ['sk-openai'] },
          lab: { type: 'openai-compatible', base_url: openAi.url, api_keys: ['sk-lab'] },
          both: { type: 'openai-compatible', base_url: openAi.url, api_keys: ['sk-both'], apis: ['chat', 'responses'] },
          azure: { type: 'azure-openai', base_url: azure.url, api_keys: ['azure-key'], models: ['mine'] },
        },
      },
    });
    client = new OpenAI({ baseURL: `${app.url}/v1`, apiKey: app.adminKey, maxRetries: 0 });
  });

  beforeEach(() => {
    openAi.reset();
    azure.reset();
  });

  afterAll(async () => {
    await app.close();
    await Promise.all([openAi.stop(), azure.stop()]);
  });

  it.each([
    ['OpenAI', 'openai/gpt-5.4-mini', () => openAi, 'POST /v1/responses'],
    ['Azure', 'azure/mine', () => azure, 'POST /openai/v1/responses'],
    ['a server that has them', 'both/m', () => openAi, 'POST /v1/responses'],
    ['a server that only chats', 'lab/m', () => openAi, 'POST /v1/chat/completions'],
    ['a model of OpenAI that only chats', 'openai/gpt-4o-search-preview', () => openAi, 'POST /v1/chat/completions'],
  ])('responses go to %s by what it has', async (_name, model, fake, route) => {
    fake().reply({ text: 'Hello.' }).times(2);
    const whole = await client.responses.create({ model, input: 'Hi' });
    const streamed = await client.responses.stream({ model, input: 'Hi' }).finalResponse();
    expect([whole.output_text, streamed.output_text]).toEqual(['Hello.', 'Hello.']);
    expect(fake().requests.map((request) => request.route)).toEqual([route, route]);
  });

  it('chat with a model that has responses alone goes by those: text, thought, calls and their results', async () => {
    const usage = { input: 10, output: 5, reasoning: 7 };
    const calling = { reasoning: 'Look.', toolCalls: [{ name: 'get_weather', arguments: { city: 'Rome' } }], usage };
    openAi.reply(calling);
    openAi.reply({ text: '19 degrees.', usage });
    const tools: OpenAI.Chat.ChatCompletionTool[] = [{ type: 'function', function: WEATHER }];
    const question = { role: 'user' as const, content: 'Rome?' };
    const params = { model: 'o3-pro', tools, reasoning_effort: 'high' as const };
    const first = await client.chat.completions.create({ ...params, messages: [question] });
    const message = first.choices[0]?.message;
    expect(first.choices[0]?.finish_reason).toBe('tool_calls');
    expect(first.usage).toMatchObject({ prompt_tokens: 10, completion_tokens: 12 });
    const [call] = message?.tool_calls ?? [];
    if (!message || call?.type !== 'function') throw new Error('There is no call.');
    const result = { role: 'tool' as const, tool_call_id: call.id, content: '19' };
    const stream = client.chat.completions.stream({ ...params, messages: [question, message, result] });
    expect((await stream.finalChatCompletion()).choices[0]?.message.content).toBe('19 degrees.');
    const [asked, answered] = openAi.requests.map(({ body }) => body);
    expect(openAi.requests.map(({ route }) => route)).toEqual(['POST /v1/responses', 'POST /v1/responses']);
    expect(asked).toMatchObject({
      store: false,
      reasoning: { effort: 'high' },
      include: ['reasoning.encrypted_content'],
    });
    // What the model thought is back, which the client's dialect has no place for.
    expect(answered?.input).toEqual([
      { role: 'user', content: [{ type: 'input_text', text: 'Rome?' }] },
      { type: 'reasoning', summary: [{ type: 'summary_text', text: 'Look.' }], encrypted_content: 'sealed:Look.' },
      { type: 'function_call', call_id: call.id, name: 'get_weather', arguments: '{"city":"Rome"}' },
      { type: 'function_call_output', call_id: call.id, output: '19' },
    ]);
  });

  const refuseWith = (message: string, code: string | null): void => {
    openAi.failWith(400, { error: { message, type: 'invalid_request_error', param: null, code } });
  };

  it.each([false, true])('goes on without thoughts that were sealed for somebody else (stream: %s)', async (stream) => {
    const thought = { id: 'rs_1', type: 'reasoning' as const, summary: [], encrypted_content: 'gAAA' };
    const said = { id: 'fc_1', type: 'function_call' as const, call_id: 'c', name: 'f', arguments: '{}' };
    const result = { type: 'function_call_output' as const, call_id: 'c', output: '1' };
    refuseWith('The encrypted content gAAA could not be verified.', 'invalid_encrypted_content');
    openAi.reply({ text: 'One.' });
    const body = { model: 'gpt-5.4-mini', stream, input: [{ role: 'user', content: 'Hi' }, thought, said, result] };
    const response = await app.post('/v1/responses', body);
    expect([response.status, await response.text()]).toEqual([200, expect.stringContaining('One.')]);
    expect(response.headers.get('x-trunkline-warnings')).toContain('Earlier thinking was left out');
    const [first, second] = openAi.requests.map((request) => request.body.input);
    expect(first).toEqual(body.input);
    const { id: _, ...call } = said;
    expect(second).toEqual([body.input[0], call, result]);
    expect(await app.ledgerRow()).toMatchObject({ status: 'succeeded', attempts: [{}, {}] });
  });

  it('asks a deployment that turns out not to think for no sealed thoughts', async () => {
    openAi.failWith(400, { error: { message: 'Encrypted content is not supported with this model.', code: null } });
    openAi.reply({ text: 'One.' });
    const response = await client.responses.create({ model: 'both/m', input: 'Hi' });
    expect(response.output_text).toBe('One.');
    expect(openAi.requests.map(({ body }) => body.include)).toEqual([['reasoning.encrypted_content'], []]);
  });

  it('does not ask twice where there is nothing to leave out', async () => {
    refuseWith('The encrypted content x could not be verified.', 'invalid_encrypted_content');
    await expect(client.responses.create({ model: 'both/m', input: 'Hi' })).rejects.toMatchObject({ status: 400 });
    expect(openAi.requests).toHaveLength(1);
  });

  it('tells a model that does not think nothing of thinking, whatever dialect asks for it', async () => {
    openAi.reply({ text: 'One.' });
    const thinking = { type: 'enabled', budget_tokens: 2_000 };
    const messages = [{ role: 'user', content: 'Hi' }];
    const response = await app.post('/v1/messages', { model: 'gpt-4.1', max_tokens: 3_000, messages, thinking });
    expect(response.status).toBe(200);
    expect(openAi.requests[0]?.body).not.toHaveProperty('reasoning_effort');
    expect(response.headers.get('x-trunkline-warnings')).toContain('does not reason');
  });

  it('several choices are refused where a model has responses alone', async () => {
    const messages = [{ role: 'user' as const, content: 'Hi' }];
    const request = client.chat.completions.create({ model: 'o3-pro', n: 2, messages });
    await expect(request).rejects.toMatchObject({ status: 400, code: 'unsupported_capability', param: 'n' });
  });

  it.each([
    ['F26: ends without its last event', () => openAi.noFinish({ text: 'Half' })],
    ['F30: ends with an error', () => openAi.errorFrameAfter(1, { text: 'Half a word' })],
    ['F24: is reset', () => openAi.resetAfter(1, { text: 'Half a word' })],
  ])('a stream that %s is no whole answer', async (_name, script) => {
    script();
    const events: string[] = [];
    for await (const event of await client.responses.create({ model: 'gpt-5.4-mini', input: 'Hi', stream: true })) {
      events.push(event.type);
      if (event.type === 'response.failed') {
        expect(event.response.error?.message).toContain('upstream_stream_interrupted');
      }
    }
    expect(events.at(-1)).toBe('response.failed');
  });

  it('F31, F32: what is used is counted here where the provider does not say, or cannot mean what it says', async () => {
    for (const script of [() => openAi.noUsage({ text: 'Hello' }), () => openAi.absurdUsage(-7, { text: 'Hello' })]) {
      script();
      const response = await client.responses.create({ model: 'gpt-5.4-mini', input: 'Hi' });
      expect(response.usage?.input_tokens).toBeGreaterThan(0);
      expect(response.usage?.output_tokens).toBeGreaterThan(0);
    }
  });
});
