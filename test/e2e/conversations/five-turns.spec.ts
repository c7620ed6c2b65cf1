import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FakeAnthropic } from '../../fakes/fake-anthropic.js';
import { FakeGemini } from '../../fakes/fake-gemini.js';
import { FakeOpenAi } from '../../fakes/fake-openai.js';
import { createTestSchema, dropTestSchema, type TestDatabase } from '../../support/database.js';
import { readSse } from '../../support/read-sse.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';

const DOT = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const ADMIN_KEY = 'the-same-key-before-and-after-the-restart';
const TOOLS = [
  {
    type: 'function',
    function: { name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
  },
];

interface Reply {
  content: string;
  conversation_id: string | null;
  tool_calls?: { id: string; function: { name: string } }[];
  usage: { input_tokens: number; output_tokens: number };
}

interface Stored {
  role: string;
  status: string;
  content: unknown;
  model: string | null;
  tool_calls?: { id: string }[];
}

describe('a conversation of five turns across three vendors, with a tool, an image and a restart', () => {
  const openAi = new FakeOpenAi();
  const anthropic = new FakeAnthropic();
  const google = new FakeGemini();
  const fakes = [openAi, anthropic, google];
  let database: TestDatabase;
  let app: TestApp;

  async function start(): Promise<TestApp> {
    return startTestApp({
      database,
      env: { TRUNKLINE_ADMIN_KEY: ADMIN_KEY },
      gateway: {
        providers: {
          openai: { type: 'openai', base_url: openAi.url, api_keys: ['sk-fake-openai'] },
          claude: { type: 'anthropic', base_url: anthropic.url, api_keys: ['sk-fake-anthropic'] },
          gemini: { type: 'gemini', base_url: google.url, api_keys: ['AIza-fake-key'] },
        },
        models: {
          'over-openai': { targets: ['openai/gpt-5.4-mini'] },
          'over-claude': { targets: ['claude/claude-sonnet-5'] },
          'over-gemini': { targets: ['gemini/gemini-2.5-flash'] },
        },
      },
    });
  }

  beforeAll(async () => {
    await Promise.all(fakes.map((fake) => fake.start()));
    database = await createTestSchema();
    app = await start();
  });

  afterAll(async () => {
    await app.close();
    await dropTestSchema(database);
    await Promise.all(fakes.map((fake) => fake.stop()));
  });

  async function say(body: object): Promise<Reply> {
    const response = await app.post('/v1/chat', body);
    if (response.status !== 200) throw new Error(`${String(response.status)}: ${await response.text()}`);
    const reply = (await response.json()) as Reply;
    expect(response.headers.get('x-conversation-id')).toBe(reply.conversation_id);
    const row = (await app.ledgerRow()) as { usage: Reply['usage'] };
    expect(row.usage).toMatchObject(reply.usage);
    return reply;
  }

  it('remembers everything and ends with the right tokens in the ledger', async () => {
    openAi.reply({ text: 'Hello Ada.', usage: { input: 11, output: 3 } });
    const system = 'You are a weather desk.';
    const first = await say({ model: 'over-openai', message: 'My name is Ada.', system });
    const id = first.conversation_id ?? '';
    expect(id).toMatch(/^conv_[0-9A-Z]{24}$/);

    anthropic.reply({
      toolCalls: [{ id: 'toolu_1', name: 'get_weather', arguments: { city: 'Oslo' } }],
      reasoning: 'Hm.',
      usage: { input: 22, output: 5, reasoning: 1 },
    });
    const asked = await say({
      model: 'over-claude',
      conversation_id: id,
      tools: TOOLS,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'How warm is it here?' },
            { type: 'image_url', image_url: { url: `data:image/png;base64,${DOT}` } },
          ],
        },
      ],
    });
    expect(asked.tool_calls?.[0]).toMatchObject({ id: 'toolu_1', function: { name: 'get_weather' } });
    expect(anthropic.requests.at(-1)?.bodyText).toContain('My name is Ada.');
    expect(anthropic.requests.at(-1)?.bodyText).toContain('You are a weather desk.');

    await app.close();
    app = await start();

    google.reply({ text: 'It is −3 °C.', usage: { input: 33, output: 7 } });
    await say({
      model: 'over-gemini',
      session_id: id,
      tools: TOOLS,
      messages: [{ role: 'tool', tool_call_id: 'toolu_1', content: '-3 C in Oslo' }],
    });
    const third = google.requests.at(-1)?.bodyText ?? '';
    for (const piece of ['My name is Ada.', 'Hello Ada.', DOT, 'get_weather', '-3 C in Oslo', 'weather desk']) {
      expect(third).toContain(piece);
    }

    openAi.reply({ pieces: ['You are', ' Ada.'], usage: { input: 44, output: 4 } });
    const streamed = await app.post('/v1/chat/stream', {
      model: 'over-openai',
      conversation_id: id,
      message: 'Who am I?',
    });
    expect(streamed.headers.get('x-conversation-id')).toBe(id);
    const frames = (await readSse(streamed))
      .slice(0, -1)
      .map(({ data }) => JSON.parse(data) as Record<string, unknown>);
    expect(frames[0]).toMatchObject({ type: 'start', conversation_id: id });
    expect(frames.at(-1)).toMatchObject({ type: 'done', usage: { input_tokens: 44, output_tokens: 4 } });

    anthropic.reply({ text: 'Goodbye.', usage: { input: 55, output: 2 } });
    await say({ model: 'over-claude', conversation_id: id, message: 'Bye!', system: 'You are polite.' });
    const last = anthropic.requests.at(-1)?.bodyText ?? '';
    for (const piece of ['My name is Ada.', DOT, 'toolu_1', '-3 C in Oslo', 'It is −3 °C.', 'You are Ada.', 'polite']) {
      expect(last).toContain(piece);
    }
    expect(last).not.toContain('weather desk');

    const report = (await (await app.get('/admin/usage?group_by=model')).json()) as { totals: Record<string, unknown> };
    expect(report.totals).toMatchObject({
      requests: { total: 5, succeeded: 5 },
      usage: { input_tokens: 165, output_tokens: 22 },
    });

    const page = (await (await app.get(`/v1/conversations/${id}/messages?order=asc&limit=100`)).json()) as {
      data: Stored[];
    };
    expect(page.data.map(({ role, status }) => `${role} ${status}`)).toEqual([
      ...['user completed', 'assistant completed', 'user completed', 'assistant completed', 'tool completed'],
      ...['assistant completed', 'user completed', 'assistant completed', 'user completed', 'assistant completed'],
    ]);
    expect(page.data[5]).toMatchObject({ content: 'It is −3 °C.', model: 'gemini-2.5-flash' });
  });
});
