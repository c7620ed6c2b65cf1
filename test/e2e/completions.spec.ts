import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { FakeAnthropic } from '../fakes/fake-anthropic.js';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import { openAiSchemaCheck } from '../support/openai-schemas.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

type Params = Omit<OpenAI.CompletionCreateParamsNonStreaming, 'model' | 'prompt' | 'stream'>;
type Choice = OpenAI.CompletionChoice;

const checkBody = openAiSchemaCheck('CreateCompletionResponse');
// The schema has no word for a choice that goes on, where the vendor's own chunks say null.
const checkChunk = (chunk: OpenAI.Completion): void => {
  const choices = chunk.choices.map((choice) => ({
    ...choice,
    finish_reason: (choice.finish_reason as string | null) ?? 'stop',
  }));
  const { usage, ...rest } = chunk;
  checkBody({ ...rest, choices, ...(usage && { usage }) });
};

describe('POST /v1/completions', () => {
  const openAi = new FakeOpenAi();
  const anthropic = new FakeAnthropic();
  let app: TestApp;
  let client: OpenAI;

  beforeAll(async () => {
    await Promise.all([openAi.start(), anthropic.start()]);
    app = await startTestApp({
      gateway: {
        providers: {
          openai: { type: 'openai', base_url: openAi.url, api_keys: ['sk-openai'] },
          lab: { type: 'openai-compatible', base_url: openAi.url, api_keys: ['sk-lab'], apis: ['chat', 'completions'] },
          old: { type: 'openai-compatible', base_url: openAi.url, api_keys: ['sk-old'] },
          claude: { type: 'anthropic', base_url: anthropic.url, api_keys: ['sk-claude'] },
        },
      },
    });
    client = new OpenAI({ baseURL: `${app.url}/v1`, apiKey: app.adminKey, maxRetries: 0 });
  });

  beforeEach(() => {
    openAi.reset();
    anthropic.reset();
  });

  afterAll(async () => {
    await app.close();
    await Promise.all([openAi.stop(), anthropic.stop()]);
  });

  const create = (model: string, prompt: OpenAI.CompletionCreateParams['prompt'], params: Params = {}) =>
    client.completions.create({ model, prompt, ...params }).withResponse();

  async function stream(model: string, prompt: OpenAI.CompletionCreateParams['prompt'], params: Params = {}) {
    const seen = { choices: [] as Choice[], usage: undefined as OpenAI.CompletionUsage | undefined };
    const options = { stream: true as const, stream_options: { include_usage: true } };
    for await (const chunk of await client.completions.create({ model, prompt, ...params, ...options })) {
      checkChunk(chunk);
      for (const { index, text, finish_reason: reason } of chunk.choices) {
        const choice = (seen.choices[index] ??= { index, text: '', logprobs: null, finish_reason: 'stop' });
        choice.text += text;
        choice.finish_reason = reason;
      }
      seen.usage = chunk.usage ?? seen.usage;
    }
    return seen;
  }

  it.each([
    ['a server that has them', 'lab/any', 'POST /v1/completions'],
    ['a model of OpenAI that has nothing else', 'gpt-3.5-turbo-instruct', 'POST /v1/completions'],
    ['a chat model of OpenAI', 'openai/gpt-5.4-mini', 'POST /v1/chat/completions'],
    ['a server that only chats', 'old/any', 'POST /v1/chat/completions'],
  ])('goes on with a text at %s, whole and streamed', async (_name, model, route) => {
    openAi.reply({ text: ' there was a king.', usage: { input: 4, output: 5 } }).times(2);
    const { data } = await create(model, 'Once upon a time', { max_tokens: 20, temperature: 0.5 });
    checkBody(data);
    const streamed = await stream(model, 'Once upon a time', { max_tokens: 20 });
    expect(data.choices).toEqual([{ text: ' there was a king.', index: 0, logprobs: null, finish_reason: 'stop' }]);
    expect(streamed.choices).toEqual(data.choices);
    expect(streamed.usage).toEqual(data.usage);
    expect(data).toMatchObject({ object: 'text_completion', usage: { prompt_tokens: 4, completion_tokens: 5 } });
    expect(data.id).toMatch(/^cmpl-/);
    expect(openAi.requests.map((request) => request.route)).toEqual([route, route]);
  });

  it('passes everything on to a server that has them, and says the answer again as it came', async () => {
    const body = { prompt: 'def f(', suffix: ')', best_of: 3, n: 2, logprobs: 2, echo: true, top_k: 5 };
    openAi.editJson((reply) => ({ ...reply, vendor_extra: { a: 1 } }), { text: 'x' });
    const { data, response } = await client.completions.create({ model: 'lab/m', ...body } as never).withResponse();
    const { model: _model, stream: _stream, ...sent } = openAi.requests[0]?.body ?? {};
    expect(sent).toEqual(body);
    expect(response.headers.get('x-trunkline-warnings')).toBeNull();
    expect(data).toMatchObject({ vendor_extra: { a: 1 }, choices: [{ text: 'def f(x' }, { text: 'def f(x' }] });
  });

  it('says what it could not ask of a model that chats, and repeats the prompt itself', async () => {
    anthropic.reply({ text: ' four', finishReason: 'length' }).times(2);
    const params = { suffix: 'end', best_of: 2, echo: true, max_tokens: 5 };
    const { data, response } = await create('claude/claude-sonnet-5', 'Two and two is', params);
    checkBody(data);
    expect(data.choices).toEqual([{ text: 'Two and two is four', index: 0, logprobs: null, finish_reason: 'length' }]);
    const warnings = response.headers.get('x-trunkline-warnings') ?? '';
    expect(warnings).toContain('suffix');
    expect(warnings).toContain('best_of');
    expect((await stream('claude/claude-sonnet-5', 'Two and two is', params)).choices).toEqual(data.choices);
  });

  it.each(['lab/m', 'old/m'])('answers several prompts in turn at %s, and bills them together', async (model) => {
    const usage = { input: 2, output: 1 };
    const replies = ['a', 'b', 'a', 'b'].map((text) => ({ text, usage }));
    for (const reply of replies) openAi.reply(reply);
    const params = { n: 2, echo: true };
    const { data, response } = await create(model, ['one ', 'two '], params);
    checkBody(data);
    expect(data.choices.map(({ index, text }) => [index, text])).toEqual([
      [0, 'one a'],
      [1, 'one a'],
      [2, 'two b'],
      [3, 'two b'],
    ]);
    expect(data.usage).toMatchObject({ prompt_tokens: 4, completion_tokens: 2, total_tokens: 6 });
    expect(response.headers.get('x-trunkline-attempts')).toBe('2');
    const streamed = await stream(model, ['one ', 'two '], params);
    expect(streamed.choices).toEqual(data.choices);
    expect(streamed.usage).toMatchObject({ prompt_tokens: 4, completion_tokens: 2, total_tokens: 6 });
  });

  const FIVE = ['1', '2', '3', '4', '5'];

  it.each([false, true])(
    'fails where the third of five prompts does, and bills what was answered (%s)',
    async (isStream) => {
      for (let answered = 0; answered < 2; answered++) openAi.reply({ text: 'x', usage: { input: 2, output: 1 } });
      openAi.failWith(400, { error: { message: 'No.', type: 'invalid_request_error' } });
      const response = await app.post('/v1/completions', { model: 'lab/m', prompt: FIVE, stream: isStream });
      const text = await response.text();
      expect(response.status).toBe(isStream ? 200 : 400);
      expect(text).toContain('"error"');
      expect(text).not.toContain('[DONE]');
      expect(openAi.requests.map(({ body }) => body.prompt)).toEqual(['1', '2', '3']);
      const row = await app.ledgerRow();
      expect(row).toMatchObject({ status: 'failed', usage: { input_tokens: 4, output_tokens: 2 } });
      expect(row.attempts).toMatchObject([{ outcome: 'succeeded' }, { outcome: 'succeeded' }, { outcome: 'failed' }]);
    },
  );

  it.each([false, true])('asks no further when the client leaves between five prompts (%s)', async (isStream) => {
    openAi.reply({ text: 'x', usage: { input: 2, output: 1 } });
    openAi.hang();
    const leave = new AbortController();
    const requestId = `leaves-prompts-${String(isStream)}`;
    const body = { model: 'lab/m', prompt: FIVE, stream: isStream };
    const headers = { 'x-request-id': requestId };
    const pending = app.post('/v1/completions', body, { signal: leave.signal, headers });
    await openAi.nextRequest();
    const second = await openAi.nextRequest();
    leave.abort();
    await pending.then((response) => response.text()).catch(() => undefined);
    await openAi.waitForClose(second);
    expect(await app.ledgerRow(requestId)).toMatchObject({
      status: 'aborted',
      attempts: [{ outcome: 'succeeded' }, { outcome: 'aborted' }],
    });
    expect(openAi.requests).toHaveLength(2);
  });

  it('takes the numbers of tokens where the provider does, and says so where it does not', async () => {
    openAi.reply({ text: 'x' });
    const { data } = await create('lab/m', [1, 2, 3]);
    expect(data.choices[0]?.text).toBe('x');
    expect(openAi.requests[0]?.body.prompt).toEqual([1, 2, 3]);
    for (const model of ['old/m', 'claude/claude-sonnet-5']) {
      const refused = { status: 400, code: 'unsupported_capability', param: 'prompt' };
      await expect(create(model, [[1, 2, 3]])).rejects.toMatchObject(refused);
    }
  });

  it('refuses to chat with a model that only goes on with texts', async () => {
    const chat = client.chat.completions.create({
      model: 'gpt-3.5-turbo-instruct',
      messages: [{ role: 'user', content: 'Hi' }],
    });
    await expect(chat).rejects.toMatchObject({ status: 400, code: 'unsupported_capability', param: 'model' });
    expect(openAi.requests).toHaveLength(0);
  });

  it.each([
    ['a wrong prompt', { prompt: 5 }, 'invalid_type', 'prompt'],
    ['no prompts at all', { prompt: [] }, 'invalid_value', 'prompt'],
    ['a number among texts', { prompt: ['a', 1] }, 'invalid_type', 'prompt[1]'],
    ['a token that is none', { prompt: [1, -1] }, 'invalid_type', 'prompt[1]'],
    ['too many choices', { prompt: ['a', 'b'], n: 65 }, 'invalid_value', 'n'],
    ['fewer than are wanted', { prompt: 'a', n: 2, best_of: 1 }, 'invalid_value', 'best_of'],
    ['options of no stream', { prompt: 'a', stream_options: {} }, 'invalid_value', 'stream_options'],
  ])('refuses %s', async (_name, body, code, param) => {
    const request = client.completions.create({ model: 'lab/m', ...body } as never);
    await expect(request).rejects.toMatchObject({ status: 400, code, param });
  });

  it('F30: an answer that breaks off ends with an error in the stream, and with nothing else', async () => {
    openAi.errorFrameAfter(1, { pieces: ['one', ' two'] });
    const texts: string[] = [];
    const reading = (async () => {
      const params = { model: 'lab/m', prompt: 'x', stream: true as const };
      for await (const { choices } of await client.completions.create(params)) texts.push(choices[0]?.text ?? '');
    })();
    await expect(reading).rejects.toMatchObject({ code: 'upstream_stream_interrupted' });
    expect(texts.join('')).toBe('one');
  });
});
