import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import type { ScriptedReply } from '../fakes/scripted-reply.js';
import { readSse } from '../support/read-sse.js';
import { forcedTool, STRUCTURED_TARGETS, StructuredWorld } from '../support/structured-world.js';
import type { TestApp } from '../support/test-app.js';

const SCHEMA = {
  type: 'object',
  properties: { city: { type: 'string' }, lines: { type: 'array', items: { type: 'integer' } } },
  required: ['city', 'lines'],
  additionalProperties: false,
};
const FORMAT = { type: 'json_schema' as const, json_schema: { name: 'city', schema: SCHEMA } };
const OSLO = { city: 'Oslo "}" {', lines: [1, 2] };
const JSON_TEXT = JSON.stringify(OSLO);
const MESSAGES = [{ role: 'user' as const, content: 'Which city?' }];
/** Nobody holds these to a schema. */
const TOLD = ['told/plain'];
const CALLED = ['claude/claude-3-haiku-20240307', 'called/plain'];
const WEATHER = {
  type: 'function' as const,
  function: { name: 'weather', parameters: { type: 'object', properties: {} } },
};

interface Asked {
  text: string;
  finish: string | null | undefined;
  headers: Headers;
  pieces: number;
}

type Completion = OpenAI.Chat.ChatCompletionCreateParamsNonStreaming;

async function askOnce(client: OpenAI, body: Completion): Promise<Asked> {
  const { data, response } = await client.chat.completions.create(body).withResponse();
  const [choice] = data.choices;
  expect(choice?.message.tool_calls ?? []).toEqual([]);
  return { text: choice?.message.content ?? '', finish: choice?.finish_reason, headers: response.headers, pieces: 1 };
}

async function askForStream(client: OpenAI, body: Completion): Promise<Asked> {
  const { data, response } = await client.chat.completions.create({ ...body, stream: true }).withResponse();
  const texts: string[] = [];
  let finish: string | null | undefined;
  for await (const { choices } of data) {
    const [choice] = choices;
    expect(choice?.delta.tool_calls ?? []).toEqual([]);
    if (choice?.delta.content) texts.push(choice.delta.content);
    finish = choice?.finish_reason ?? finish;
  }
  return { text: texts.join(''), finish, headers: response.headers, pieces: texts.length };
}

describe('C3 response_format', () => {
  const world = new StructuredWorld();
  let app: TestApp;
  let client: OpenAI;

  beforeAll(async () => {
    app = await world.start();
    client = new OpenAI({ baseURL: `${app.url}/v1`, apiKey: app.adminKey, maxRetries: 0 });
  });

  afterEach(() => {
    world.reset();
  });

  afterAll(async () => {
    await app.close();
    await world.stop();
  });

  const answer = (reply: ScriptedReply): void => {
    world.answer(() => reply);
  };
  /** The official client's answer, streamed or not, with what else there is to know. */
  const ask = (body: Partial<Completion> & { model: string }, stream: boolean): Promise<Asked> => {
    const whole = { messages: MESSAGES, response_format: FORMAT, ...body };
    return stream ? askForStream(client, whole) : askOnce(client, whole);
  };

  describe.each([false, true])('with stream: %s', (stream) => {
    it.each(STRUCTURED_TARGETS)('%s answers in JSON', async (model) => {
      answer({ pieces: JSON_TEXT.match(/.{1,5}/g) ?? [], reasoning: model.includes('claude') ? '' : '{"city":"no"}' });
      const { text, finish, headers, pieces } = await ask({ model }, stream);
      expect([JSON.parse(text), finish]).toEqual([OSLO, 'stop']);
      if (stream) expect(pieces).toBeGreaterThan(CALLED.includes(model) ? 0 : 3);
      expect(headers.get('x-trunkline-warnings') ?? '').not.toContain('does not match');
      expect(await app.ledgerRow(headers.get('x-request-id') ?? '')).toMatchObject({ status: 'succeeded' });
    });

    it.each(TOLD)('%s may talk around it', async (model) => {
      answer({
        pieces: [
          '<think>{"city":',
          '"?"}</think>',
          'Sure:\n``',
          '`json\n{"ci',
          `${JSON_TEXT.slice(4)}\n\`\`\``,
          '\nDone. {}',
        ],
      });
      const { text } = await ask({ model }, stream);
      expect(JSON.parse(text)).toEqual(OSLO);
    });

    it.each([...TOLD, ...CALLED])('%s may be wrong, which OpenAI does not refuse', async (model) => {
      answer({ text: '{"city":1}' });
      const { text, finish } = await ask({ model }, stream);
      expect([JSON.parse(text), finish]).toEqual([{ city: 1 }, 'stop']);
    });

    it('goes from a target that enforces to one that does not', async () => {
      answer({ text: JSON_TEXT });
      world.openAi.reset();
      world.openAi.failWith(503).forever();
      const { text, headers } = await ask({ model: 'mixed' }, stream);
      expect(JSON.parse(text)).toEqual(OSLO);
      expect(headers.get('x-trunkline-model')).toBe('claude/claude-3-haiku-20240307');
      expect(world.anthropic.requests.map(({ body }) => forcedTool(body))).toEqual(['city']);
    });
  });

  it('warns of what does not match, and says where', async () => {
    answer({ text: '{"city":1,"lines":[true]}' });
    const { headers } = await ask({ model: 'told/plain' }, false);
    expect(headers.get('x-trunkline-warnings')).toMatch(/does not match.*data\.city must be string.*data\.lines\[0\]/);
    const response = await app.post('/v1/chat/stream', { message: 'Hi', model: 'told/plain', response_format: FORMAT });
    const done = (await readSse(response)).map(({ data }) => data).find((data) => data.includes('"done"'));
    expect(done).toContain('does not match');
  });

  it('warns of a schema that nobody can check, and answers all the same', async () => {
    answer({ text: '{"city":"Oslo"}' });
    const format = {
      type: 'json_schema' as const,
      json_schema: { name: 'a', schema: { type: 'object', properties: { city: { pattern: '(?=O)' } } } },
    };
    const { text, headers } = await ask({ model: 'told/plain', response_format: format }, false);
    expect([JSON.parse(text), headers.get('x-trunkline-warnings')]).toEqual([
      { city: 'Oslo' },
      expect.stringContaining('was not checked'),
    ]);
  });

  it.each(['told/plain', 'claude/claude-sonnet-5', 'gemini/gemini-2.5-flash'])(
    '%s answers in JSON mode',
    async (model) => {
      answer({ text: '```json\n{"a":1}\n```' });
      const { text } = await ask({ model, response_format: { type: 'json_object' } }, false);
      expect(text).toContain('{"a":1}');
      if (!model.startsWith('gemini')) expect(text).toBe('{"a":1}');
    },
  );

  it('sends the format on as it came where the provider enforces it, and a schema in words where it does not', async () => {
    answer({ text: JSON_TEXT });
    for (const model of ['lab/plain', 'told/plain', 'called/plain']) {
      await ask({ model, vendor_extra: 1 } as { model: string }, false);
    }
    const [plain, told, called] = world.openAi.requests.map(({ body }) => body);
    expect([plain?.response_format, plain?.vendor_extra]).toEqual([FORMAT, 1]);
    expect([told?.response_format, told?.vendor_extra, JSON.stringify(told?.messages)]).toEqual([
      undefined,
      1,
      expect.stringContaining('integer'),
    ]);
    expect([called?.response_format, called?.vendor_extra, called && forcedTool(called)]).toEqual([
      undefined,
      1,
      'city',
    ]);
  });

  it('leaves the functions of the client to the client', async () => {
    world.openAi.reply({ text: 'Let me look. ', toolCalls: [{ name: 'weather', arguments: '{}' }] });
    const asked = await client.chat.completions.create({
      model: 'called/plain',
      messages: MESSAGES,
      response_format: FORMAT,
      tools: [WEATHER],
    });
    expect(asked.choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: { tool_calls: [{ function: { name: 'weather' } }] },
    });
    expect(world.openAi.requests[0]?.body).not.toHaveProperty('tool_choice');
  });

  it.each(['/v1/chat', '/v1/chat/stream'])('answers on %s, too', async (path) => {
    answer({ text: JSON_TEXT });
    for (const model of [...TOLD, ...CALLED]) {
      const response = await app.post(path, { message: 'Which city?', model, response_format: FORMAT, store: false });
      expect(response.status).toBe(200);
      const frames =
        path === '/v1/chat'
          ? []
          : (await readSse(response)).slice(0, -1).map(({ data }) => JSON.parse(data) as { content?: string });
      const text =
        path === '/v1/chat'
          ? ((await response.json()) as { content: string }).content
          : frames.map(({ content = '' }) => content).join('');
      expect(JSON.parse(text)).toEqual(OSLO);
    }
  });

  it('has no JSON from the built-in model, and says so', async () => {
    const error = await ask({ model: 'local/extractive' }, false).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ status: 400, code: 'unsupported_capability', param: 'response_format' });
  });

  it('says that the client left when it leaves in the midst of it', async () => {
    world.openAi.stallAfter(2, { pieces: ['{"city', '":"Os', 'lo"'] });
    const leave = new AbortController();
    const stream = await client.chat.completions.create(
      { model: 'told/plain', messages: MESSAGES, response_format: FORMAT, stream: true },
      { signal: leave.signal },
    );
    const reading = (async () => {
      for await (const chunk of stream) if (chunk.choices[0]?.delta.content) leave.abort();
    })();
    await reading.catch(() => undefined);
    expect((await world.openAi.waitForClose()).isClosedByClient).toBe(true);
  });
});
