import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import type { JsonObject } from '../../src/core/json.js';
import { FakeAnthropic } from '../fakes/fake-anthropic.js';
import { createTestSchema, dropTestSchema, type TestDatabase, withClient } from '../support/database.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const TOOLS: OpenAI.Chat.ChatCompletionTool[] = [
  {
    type: 'function',
    function: { name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
  },
];
const QUESTION = { role: 'user' as const, content: 'Weather in Oslo and Rome?' };
const WAIT_MS = 10_000;

describe('thinking that a client has no place for', () => {
  const fake = new FakeAnthropic();
  let database: TestDatabase;
  let first: TestApp;
  let second: TestApp;

  beforeAll(async () => {
    database = await createTestSchema();
    await fake.start();
    const options = {
      database,
      gateway: {
        providers: { claude: { type: 'anthropic', base_url: fake.url, api_keys: ['sk-fake-anthropic'] } },
        models: {
          thinker: { targets: ['claude/claude-sonnet-5'] },
          budgeted: { targets: ['claude/claude-haiku-4-5'] },
          bound: { targets: ['claude/claude-sonnet-5-5'] },
        },
      },
      env: { TRUNKLINE_ADMIN_KEY: 'tl_admin_0123456789abcdef0123456789abcdef' },
    };
    first = await startTestApp(options);
    second = await startTestApp(options);
  });

  beforeEach(() => {
    fake.reset();
  });

  afterAll(async () => {
    await first.close();
    await second.close();
    await fake.stop();
    await dropTestSchema(database);
  });

  function clientOf(app: TestApp, apiKey = app.adminKey): OpenAI {
    return new OpenAI({ baseURL: `${app.url}/v1`, apiKey, maxRetries: 0 });
  }

  /** Has the model think and call two tools, streamed; gives what an OpenAI client keeps of it. */
  async function ask(
    client: OpenAI,
    model: string,
    tag: string,
  ): Promise<OpenAI.Chat.ChatCompletionAssistantMessageParam> {
    fake.reply({
      reasoning: `They want the weather ${tag}.`,
      redactedReasoning: 'Secret.',
      text: 'Let me look.',
      toolCalls: [
        { id: `call_oslo_${tag}`, name: 'get_weather', arguments: { city: 'Oslo' } },
        { id: `call_rome_${tag}`, name: 'get_weather', arguments: { city: 'Rome' } },
      ],
    });
    const run = client.chat.completions.stream({
      model,
      tools: TOOLS,
      reasoning_effort: 'low',
      messages: [QUESTION],
    });
    const { content, tool_calls } = (await run.finalChatCompletion()).choices[0]?.message ?? {};
    return { role: 'assistant', content: content ?? null, tool_calls };
  }

  async function answer(
    client: OpenAI,
    model: string,
    asked: OpenAI.Chat.ChatCompletionAssistantMessageParam,
  ): Promise<JsonObject[]> {
    fake.reply({ text: 'Cold and warm.' });
    const calls = asked.tool_calls ?? [];
    await client.chat.completions.create({
      model,
      tools: TOOLS,
      reasoning_effort: 'low',
      messages: [
        QUESTION,
        asked,
        ...calls.map(({ id }) => ({ role: 'tool' as const, tool_call_id: id, content: '7 C' })),
      ],
    });
    return fake.requests.at(-1)?.body.messages as JsonObject[];
  }

  function blocksOf(messages: JsonObject[]): JsonObject[] {
    return messages.find(({ role }) => role === 'assistant')?.content as JsonObject[];
  }

  function typesOf(messages: JsonObject[]): unknown[] {
    return blocksOf(messages).map(({ type }) => type);
  }

  it.each(['thinker', 'budgeted', 'bound'])('comes back in its place, signed: %s', async (model) => {
    const client = clientOf(first);
    const messages = await answer(client, model, await ask(client, model, model));
    expect(typesOf(messages)).toEqual(['thinking', 'redacted_thinking', 'text', 'tool_use', 'tool_use']);
    expect(blocksOf(messages)[0]).toMatchObject({
      thinking: `They want the weather ${model}.`,
      signature: expect.stringMatching(/^ZmFrZS/),
    });
    const { body, headers } = fake.requests.at(-1) ?? {};
    expect(body?.thinking).toBeDefined();
    expect(headers?.['anthropic-beta']).toBe(model === 'bound' ? 'thinking-binding-controls-2026-08-01' : undefined);
  });

  it('comes back to no other project, whatever id it names', async () => {
    const asked = await ask(clientOf(first), 'thinker', 'mine');
    const stranger = await first.createKey({ project: 'stranger' });
    expect(typesOf(await answer(clientOf(first, stranger), 'thinker', asked))).toEqual([
      'text',
      'tool_use',
      'tool_use',
    ]);
    expect(typesOf(await answer(clientOf(first), 'thinker', asked))).toContain('thinking');
  });

  it('does not go to another model, which would refuse it', async () => {
    const client = clientOf(first);
    const asked = await ask(client, 'budgeted', 'switched');
    expect(typesOf(await answer(client, 'thinker', asked))).toEqual(['text', 'tool_use', 'tool_use']);
    expect(typesOf(await answer(client, 'budgeted', asked))).toContain('thinking');
  });

  it('is known to the other replica of the database', async () => {
    const asked = await ask(clientOf(first), 'thinker', 'shared');
    await waitForRow(database, asked.tool_calls?.[0]?.id ?? '');
    const messages = await answer(clientOf(second), 'thinker', asked);
    expect(typesOf(messages)).toEqual(['thinking', 'redacted_thinking', 'text', 'tool_use', 'tool_use']);
  });

  it('is missed by nobody where there was none', async () => {
    const foreign: OpenAI.Chat.ChatCompletionAssistantMessageParam = {
      role: 'assistant',
      tool_calls: [
        { id: 'call:of/another', type: 'function', function: { name: 'get_weather', arguments: '{}' } },
        { id: 'call_unknown', type: 'function', function: { name: 'get_weather', arguments: '{}' } },
      ],
    };
    expect(typesOf(await answer(clientOf(second), 'thinker', foreign))).toEqual(['tool_use', 'tool_use']);
  });

  it('stays in memory, and fails no chat, while the table is out of reach', async () => {
    await withClient(database, (client) => client.query('alter table provider_state rename to hidden'));
    try {
      const asked = await ask(clientOf(first), 'thinker', 'hidden');
      expect(typesOf(await answer(clientOf(first), 'thinker', asked))).toContain('thinking');
      expect(typesOf(await answer(clientOf(second), 'thinker', asked))).not.toContain('thinking');
    } finally {
      await withClient(database, (client) => client.query('alter table hidden rename to provider_state'));
    }
  });
});

/** Resolves once the state of a call is in the shared table. */
async function waitForRow(database: TestDatabase, callId: string): Promise<void> {
  const giveUpAt = performance.now() + WAIT_MS;
  await withClient(database, async (client) => {
    for (;;) {
      const { rowCount } = await client.query('select 1 from provider_state where call_id = $1', [callId]);
      if (rowCount === 1) return;
      if (performance.now() > giveUpAt) throw new Error('The state was not written.');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  });
}
