import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { FakeAnthropic } from '../fakes/fake-anthropic.js';
import { FakeGemini } from '../fakes/fake-gemini.js';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import type { ScriptedReply } from '../fakes/scripted-reply.js';
import { writeServiceAccount } from '../support/google-account.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

type Message = OpenAI.Chat.ChatCompletionMessageParam;

const DOT = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const TOOLS: OpenAI.Chat.ChatCompletionTool[] = [
  {
    type: 'function',
    function: {
      name: 'get_weather',
      description: 'The weather in a city',
      parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    },
  },
];
const OPENING: Message[] = [
  { role: 'system', content: 'You know the weather.' },
  {
    role: 'user',
    content: [
      { type: 'text', text: 'Is it warm where this was taken, and in Rome?' },
      { type: 'image_url', image_url: { url: `data:image/png;base64,${DOT}` } },
    ],
  },
];
const REPLIES: ScriptedReply[] = [
  {
    toolCalls: [
      { id: 'call_1', name: 'get_weather', arguments: { city: 'Oslo', days: [1, 2] } },
      { id: 'call_2', name: 'get_weather', arguments: { city: 'Rome "eterna" ☀' } },
    ],
    usage: { input: 40, output: 20 },
  },
  { pieces: ['Oslo: −3 °C. ', 'Rome: 21 °C ☀.'], usage: { input: 80, output: 9 } },
  { text: 'You are welcome.', usage: { input: 100, output: 4 } },
];
const MODELS = {
  'over-openai': { targets: ['openai/gpt-5.4-mini'] },
  'over-lab': { targets: ['lab/some-model'] },
  'over-azure': { targets: ['azure/prod'] },
  'over-claude': { targets: ['claude/claude-sonnet-5'] },
  'over-gemini': { targets: ['gemini/gemini-2.5-flash'] },
  'over-vertex': { targets: ['vertex/gemini-3-flash-preview'] },
};
const NAMES = Object.keys(MODELS) as (keyof typeof MODELS)[];

/** What the client has of one turn, without what must differ: ids of answers, times, models. */
interface Turn {
  content: string | null;
  calls: { name: string; arguments: unknown }[];
  finish: string | null;
  usage: [number | undefined, number | undefined];
}

describe('the same conversation with tools and an image, by the official openai client', () => {
  const openAi = new FakeOpenAi();
  const azure = new FakeOpenAi({ azureDeployments: ['prod'] });
  const anthropic = new FakeAnthropic();
  const google = new FakeGemini();
  const fakes = [openAi, azure, anthropic, google];
  const directory = mkdtempSync(join(tmpdir(), 'same-conversation-'));
  let app: TestApp;
  let client: OpenAI;

  beforeAll(async () => {
    await Promise.all(fakes.map((fake) => fake.start()));
    app = await startTestApp({
      gateway: {
        providers: {
          openai: { type: 'openai', base_url: openAi.url, api_keys: ['sk-fake-openai'] },
          lab: { type: 'openai-compatible', base_url: openAi.url, api_keys: ['sk-fake-lab'] },
          azure: { type: 'azure-openai', base_url: azure.origin, api_keys: ['fake'], deployments: { prod: 'gpt-4o' } },
          claude: { type: 'anthropic', base_url: anthropic.url, api_keys: ['sk-fake-anthropic'] },
          gemini: { type: 'gemini', base_url: google.url, api_keys: ['AIza-fake-key'] },
          vertex: {
            type: 'vertex',
            base_url: google.url,
            project: 'house-project',
            location: 'global',
            credentials_file: writeServiceAccount(directory, google.tokenUrl),
          },
        },
        models: MODELS,
      },
    });
    client = new OpenAI({ baseURL: `${app.url}/v1`, apiKey: app.adminKey, maxRetries: 0 });
  });

  beforeEach(() => {
    for (const fake of fakes) fake.reset();
  });

  afterAll(async () => {
    await app.close();
    await Promise.all(fakes.map((fake) => fake.stop()));
    rmSync(directory, { recursive: true });
  });

  describe.each([false, true])('stream: %s', (stream) => {
    it.each(NAMES)('%s gives what the others give', async (model) => {
      const { turns, warnings } = await converse(stream, () => model);
      expect(turns).toEqual(EXPECTED);
      expect(warnings).toEqual([]);
      const sent = fakes
        .flatMap((fake) => fake.requests)
        .flatMap(({ body, bodyText }) => ('tools' in body ? [bodyText] : []));
      expect(sent).toHaveLength(REPLIES.length);
      for (const piece of [DOT, 'You know the weather.', '21 C', '-3 C', 'get_weather']) {
        expect(sent.at(-1)).toContain(piece);
      }
    });

    it('goes on when every turn has another provider', async () => {
      for (const first of NAMES.keys()) {
        const { turns } = await converse(stream, (turn) => NAMES[(first + turn) % NAMES.length] ?? 'over-openai');
        expect(turns).toEqual(EXPECTED);
      }
    });
  });

  async function converse(
    stream: boolean,
    modelOf: (turn: number) => string,
  ): Promise<{ turns: Turn[]; warnings: string[] }> {
    const messages = [...OPENING];
    const turns: Turn[] = [];
    const warnings: string[] = [];
    for (const [index, reply] of REPLIES.entries()) {
      for (const fake of fakes) fake.reply(reply).forever();
      const { completion, warning } = await ask(modelOf(index), stream, messages);
      const [choice] = completion.choices;
      if (!choice) throw new Error('There was no choice.');
      turns.push(toTurn(completion));
      if (warning !== null) warnings.push(warning);
      const { content, tool_calls } = choice.message;
      messages.push({ role: 'assistant', content, ...(tool_calls && { tool_calls }) });
      if (tool_calls) {
        const [oslo = '', rome = ''] = tool_calls.map(({ id }) => id);
        messages.push({ role: 'tool', tool_call_id: rome, content: '21 C' });
        messages.push({ role: 'tool', tool_call_id: oslo, content: '-3 C' });
      } else messages.push({ role: 'user', content: 'Thanks!' });
    }
    return { turns, warnings };
  }

  async function ask(
    model: string,
    stream: boolean,
    messages: Message[],
  ): Promise<{ completion: OpenAI.Chat.ChatCompletion; warning: string | null }> {
    const body = { model, messages, tools: TOOLS };
    if (stream) {
      const run = client.chat.completions.stream({ ...body, stream_options: { include_usage: true } });
      const completion = await run.finalChatCompletion();
      return { completion, warning: null };
    }
    const { data, response } = await client.chat.completions.create(body).withResponse();
    return { completion: data, warning: response.headers.get('x-trunkline-warnings') };
  }
});

const EXPECTED: Turn[] = [
  {
    content: null,
    calls: [
      { name: 'get_weather', arguments: { city: 'Oslo', days: [1, 2] } },
      { name: 'get_weather', arguments: { city: 'Rome "eterna" ☀' } },
    ],
    finish: 'tool_calls',
    usage: [40, 20],
  },
  { content: 'Oslo: −3 °C. Rome: 21 °C ☀.', calls: [], finish: 'stop', usage: [80, 9] },
  { content: 'You are welcome.', calls: [], finish: 'stop', usage: [100, 4] },
];

function toTurn({ choices, usage }: OpenAI.Chat.ChatCompletion): Turn {
  const message = choices[0]?.message;
  const calls = (message?.tool_calls ?? []).filter((call) => call.type === 'function');
  return {
    content: message?.content ?? null,
    calls: calls.map((call) => ({
      name: call.function.name,
      arguments: JSON.parse(call.function.arguments) as unknown,
    })),
    finish: choices[0]?.finish_reason ?? null,
    usage: [usage?.prompt_tokens, usage?.completion_tokens],
  };
}
