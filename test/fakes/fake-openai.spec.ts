import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { fakeVector } from './openai/render-embeddings.js';
import { openAiSchemaCheck } from '../support/openai-schemas.js';
import { FakeOpenAi } from './fake-openai.js';
import type { ScriptedReply } from './scripted-reply.js';

const fake = new FakeOpenAi();
let client: OpenAI;

beforeAll(async () => {
  await fake.start();
  client = new OpenAI({ baseURL: fake.url, apiKey: 'sk-test', maxRetries: 0, logLevel: 'off' });
});
beforeEach(() => {
  fake.reset();
});
afterAll(() => fake.stop());

const body = { model: 'gpt-4o', messages: [{ role: 'user' as const, content: 'one two three' }] };

async function streamText(includeUsage = false): Promise<{ text: string; finish: string | null; usage: unknown }> {
  const stream = await client.chat.completions.create({
    ...body,
    stream: true,
    ...(includeUsage ? { stream_options: { include_usage: true } } : {}),
  });
  const seen = { text: '', finish: null as string | null, usage: undefined as unknown };
  for await (const chunk of stream) {
    seen.text += chunk.choices[0]?.delta.content ?? '';
    seen.finish = chunk.choices[0]?.finish_reason ?? seen.finish;
    if (chunk.choices.length === 0) seen.usage = chunk.usage;
  }
  return seen;
}

describe('FakeOpenAi answers like OpenAI', () => {
  it('gives the same reply in both wire modes', async () => {
    const whole = await client.chat.completions.create(body);
    const streamed = await streamText(true);
    expect(whole.choices[0]?.message.content).toBe('Echo: one two three');
    expect(streamed).toEqual({ text: 'Echo: one two three', finish: 'stop', usage: whole.usage });
    expect(whole.usage).toMatchObject({ prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 });
  });

  it('sends the usage chunk only when it is asked for', async () => {
    expect(await streamText()).toMatchObject({ usage: undefined, finish: 'stop' });
  });

  it('collects tool calls, reasoning and scripted usage through the SDK', async () => {
    fake.reply({
      toolCalls: [
        { name: 'weather', arguments: { city: 'Rome' } },
        { name: 'clock', arguments: '{"broken": ' },
      ],
      usage: { input: 10, cachedInput: 90, output: 5, reasoning: 3 },
    });
    const final = await client.chat.completions
      .stream({ ...body, stream_options: { include_usage: true } })
      .finalChatCompletion();
    const calls = final.choices[0]?.message.tool_calls?.map((call) =>
      call.type === 'function' ? call.function : null,
    );
    expect(calls).toMatchObject([{ name: 'weather', arguments: '{"city":"Rome"}' }, { arguments: '{"broken": ' }]);
    expect(final.choices[0]?.finish_reason).toBe('tool_calls');
    expect(final.usage).toMatchObject({ prompt_tokens: 100, completion_tokens: 8 });
    expect(final.usage?.prompt_tokens_details?.cached_tokens).toBe(90);
  });

  it('opens every choice with its role and streams each', async () => {
    const stream = await client.chat.completions.create({ ...body, n: 2, stream: true });
    const roles: unknown[] = [];
    const texts = ['', ''];
    for await (const { choices } of stream) {
      for (const choice of choices) {
        if (choice.delta.role) roles.push(choice.delta.role);
        texts[choice.index] = `${texts[choice.index] ?? ''}${choice.delta.content ?? ''}`;
      }
    }
    expect(roles).toEqual(['assistant', 'assistant']);
    expect(texts).toEqual(['Echo: one two three', 'Echo: one two three']);
  });

  it('embeds deterministically in both encodings and any length', async () => {
    const input = ['alpha', 'beta'];
    const base64 = await client.embeddings.create({ model: 'text-embedding-3-small', input });
    const floats = await client.embeddings.create({ model: 'text-embedding-3-small', input, encoding_format: 'float' });
    expect(fake.requests[0]?.body.encoding_format).toBe('base64');
    expect(base64.data[1]?.embedding).toHaveLength(1536);
    expect(base64.data[1]?.embedding).toEqual(floats.data[1]?.embedding);
    const short = await client.embeddings.create({ model: 'text-embedding-3-small', input: 'alpha', dimensions: 8 });
    expect(short.data[0]?.embedding).toEqual([...fakeVector('alpha', 8)]);
    expect(Math.hypot(...fakeVector('alpha', 8))).toBeCloseTo(1, 5);
  });

  it('lists models and refuses a request without a key', async () => {
    expect((await client.models.list()).data.map((model) => model.id)).toContain('gpt-4o');
    const bare = await fetch(`${fake.url}/models`);
    expect(bare.status).toBe(401);
  });
});

describe('FakeOpenAi fails as scripted', () => {
  const outcome = (promise: Promise<unknown>): Promise<unknown> =>
    promise.then(
      (value) => ({ value }),
      (error: unknown) => error,
    );

  it.each([
    [
      'failWith',
      () => fake.failWith(429, undefined, { 'retry-after': '2' }),
      { status: 429, code: 'rate_limit_exceeded' },
    ],
    ['failAs', () => fake.failAs('context-length'), { status: 400, code: 'context_length_exceeded' }],
    ['string body', () => fake.failWith(502, 'bad gateway'), { status: 502 }],
    ['errorFrameAfter', () => fake.errorFrameAfter(1), { code: 'overloaded' }],
    ['malformedEvent', () => fake.malformedEvent(), { name: 'SyntaxError' }],
    ['redirect', () => fake.redirect('http://127.0.0.1:9/v1/models'), { name: 'Error', message: 'Connection error.' }],
  ])('%s', async (_name, script, expected) => {
    script();
    expect(await outcome(streamText())).toMatchObject(expected);
  });

  it.each([
    ['resetAfter', () => fake.resetAfter(2), { message: 'terminated' }],
    ['cutAfter', () => fake.cutAfter(2), { message: 'terminated' }],
    ['resetAtOnce', () => fake.resetAtOnce(), { message: 'Connection error.' }],
  ])('%s breaks the connection', async (_name, script, expected) => {
    script();
    expect(await outcome(streamText())).toMatchObject(expected);
    expect(fake.requests[0]).toMatchObject({ completed: false, isClosedByClient: false });
  });

  it.each([
    ['noDone', () => fake.noDone(), { text: 'Echo: one two three', finish: 'stop' }],
    ['noFinish', () => fake.noFinish(), { text: 'Echo: one two three', finish: null, usage: undefined }],
    ['noUsage', () => fake.noUsage(), { finish: 'stop', usage: undefined }],
    ['gzip', () => fake.gzip(), { text: 'Echo: one two three' }],
    ['empty', () => fake.empty(), { text: '', finish: null }],
    ['html', () => fake.html(), { text: '', finish: null }],
    ['slowFirst', () => fake.slowFirst(20), { text: 'Echo: one two three' }],
    ['noisy', () => fake.noisy({ lineEnd: '\r\n', chunkBytes: 1 }, { text: 'žlutý 🐎' }), { text: 'žlutý 🐎' }],
    ['absurdUsage', () => fake.absurdUsage(-5), { usage: { prompt_tokens: -5 } }],
  ])('%s ends quietly, as the vendor SDK takes it', async (_name, script, expected) => {
    script();
    expect(await outcome(streamText(true).then((seen) => seen))).toMatchObject({ value: expected });
  });

  it('truncates JSON under a length that fits', async () => {
    fake.truncatedJson();
    expect(await outcome(client.chat.completions.create(body))).toMatchObject({ name: 'SyntaxError' });
  });

  it('stalls until released, and knows who closed the connection', async () => {
    const stall = fake.stallAfter(1).times(2);
    const abort = new AbortController();
    const stream = await client.chat.completions.create({ ...body, stream: true }, { signal: abort.signal });
    let text = '';
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      if (text !== '') abort.abort();
    }
    const request = await fake.waitForClose();
    expect(text).toBe('Echo:');
    expect(request).toMatchObject({ isClosedByClient: true, completed: false });
    const rest = streamText();
    await fake.waitForRequests(2);
    stall.release();
    expect(await rest).toMatchObject({ text: 'Echo: one two three' });
  });

  it('hangs until the client leaves', async () => {
    fake.hang();
    const abort = new AbortController();
    const pending = outcome(client.chat.completions.create(body, { signal: abort.signal }));
    const request = await fake.nextRequest();
    abort.abort();
    await fake.waitForClose(request);
    expect(await pending).toMatchObject({ name: 'Error', message: 'Request was aborted.' });
  });

  it('refuses connections while stopped and comes back on its port', async () => {
    const { url } = fake;
    await fake.refuse();
    expect(await outcome(streamText())).toMatchObject({ message: 'Connection error.' });
    await fake.start();
    expect(fake.url).toBe(url);
    expect(await streamText()).toMatchObject({ finish: 'stop' });
  });

  it('takes behaviours in order, then the standing one', async () => {
    fake.failWith(500).times(2);
    fake.reply({ text: 'standing' }).forever();
    const results = [await outcome(streamText()), await outcome(streamText()), await streamText(), await streamText()];
    expect(results).toMatchObject([{ status: 500 }, { status: 500 }, { text: 'standing' }, { text: 'standing' }]);
  });
});

describe('FakeOpenAi answers like the Responses API', () => {
  const ask = { model: 'gpt-4o', input: 'one two three' };
  const checkResponse = openAiSchemaCheck('Response');
  const checkEvent = openAiSchemaCheck('ResponseStreamEvent');
  const weather = { type: 'function' as const, name: 'weather', parameters: { type: 'object' }, strict: true };
  const everything = {
    text: 'Hello there',
    reasoning: 'First I think.',
    toolCalls: [
      { name: 'weather', arguments: { city: 'Rome' } },
      { name: 'shell', arguments: 'ls -l' },
    ],
    usage: { input: 10, cachedInput: 90, output: 5, reasoning: 3 },
  };

  it.each<[string, ScriptedReply]>([
    ['an echo', {}],
    ['everything', everything],
    ['a refusal', { refusal: 'No.' }],
    ['an answer that was cut', { text: 'Hel', finishReason: 'length' }],
    ['an answer that was filtered', { text: 'Hel', finishReason: 'content-filter' }],
    ['thinking that is encrypted', { redactedReasoning: 'gAAAA', text: 'x' }],
  ])('gives the same response in both wire modes, valid: %s', async (_name, reply) => {
    fake.reply(reply).times(2);
    const request = {
      ...ask,
      tools: [weather, { type: 'custom' as const, name: 'shell' }],
      include: ['reasoning.encrypted_content' as const],
    };
    const whole = await client.responses.create({ ...request });
    const events = [];
    for await (const event of await client.responses.create({ ...request, stream: true })) events.push(event);
    for (const event of events) checkEvent(event);
    expect(events.map((event) => event.sequence_number)).toEqual([...events.keys()]);
    const last = events.at(-1);
    const streamed = last && 'response' in last ? last.response : null;
    const { output_text: _text, ...body } = whole;
    checkResponse(body);
    const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value).replaceAll(/_fake\d+/g, '_fake'));
    expect(plain({ ...streamed, created_at: 0 })).toEqual(plain({ ...body, created_at: 0 }));
  });

  it('counts and echoes', async () => {
    const response = await client.responses.create({ ...ask, instructions: 'Be brief.' });
    expect(response.output_text).toBe('Echo: one two three');
    expect(response.usage).toMatchObject({ input_tokens: 5, output_tokens: 4, total_tokens: 9 });
    expect(fake.requests.map(({ route }) => route)).toEqual(['POST /v1/responses']);
  });

  it.each([
    ['errorFrameAfter', () => fake.errorFrameAfter(1), { message: expect.stringContaining('overloaded') }],
    ['cutAfter', () => fake.cutAfter(1), { message: 'terminated' }],
    ['noFinish', () => fake.noFinish(), { last: 'response.output_item.done' }],
    ['noDone', () => fake.noDone(), { last: 'response.completed' }],
    ['noUsage', () => fake.noUsage(), { last: 'response.completed', usage: undefined }],
    ['absurdUsage', () => fake.absurdUsage(-5), { usage: { input_tokens: -5 } }],
  ])('fails as scripted: %s', async (_name, script, expected) => {
    script();
    const seen: { last?: string; usage?: unknown } = {};
    const outcome: unknown = await (async () => {
      for await (const event of await client.responses.create({ ...ask, stream: true })) {
        seen.last = event.type;
        if ('response' in event) seen.usage = event.response.usage;
      }
      return seen;
    })().catch((error: unknown) => error);
    expect(outcome).toMatchObject(expected);
  });
});

describe('FakeOpenAi answers like the legacy completions', () => {
  const checkBody = openAiSchemaCheck('CreateCompletionResponse');

  it('gives the same text in both wire modes, for every prompt and choice', async () => {
    const ask = { model: 'gpt-3.5-turbo-instruct', prompt: ['one', 'two'], n: 2, echo: true, logprobs: 1 };
    fake.reply({ text: ' more of it' }).times(2);
    const whole = await client.completions.create(ask);
    checkBody(whole);
    const texts = ['', '', '', ''];
    let usage: unknown;
    const options = { stream: true as const, stream_options: { include_usage: true } };
    for await (const chunk of await client.completions.create({ ...ask, ...options })) {
      for (const { index, text } of chunk.choices) texts[index] = `${texts[index] ?? ''}${text}`;
      if (chunk.choices.length === 0) usage = chunk.usage;
    }
    expect(whole.choices.map(({ text }) => text)).toEqual(texts);
    expect(texts).toEqual(['one more of it', 'one more of it', 'two more of it', 'two more of it']);
    expect(usage).toEqual(whole.usage);
    expect(whole.choices[3]?.logprobs?.text_offset).toEqual([0, 3, 8, 11]);
  });
});
