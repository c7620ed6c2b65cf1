import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { generateText, type LanguageModel, Output, stepCountIs, streamText, tool } from 'ai';
import { z } from 'zod';
import { FakeAnthropic } from '../../fakes/fake-anthropic.js';
import { FakeGemini } from '../../fakes/fake-gemini.js';
import { FakeOpenAi } from '../../fakes/fake-openai.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';

const PIECES = ['The', ' bar-tailed', ' godwit', ' flies', ' far.'];
const TEXT = PIECES.join('');
const USAGE = { input: 20, output: 6 };
const BIRD = { name: 'godwit', kilometres: 11_000 };
const UPSTREAMS = ['openai', 'claude', 'gemini'] as const;

const fakes = { openai: new FakeOpenAi(), claude: new FakeAnthropic(), gemini: new FakeGemini() };
let app: TestApp;

/** The models of the Vercel AI SDK over each of our surfaces that it knows. */
const CLIENTS: readonly [string, (name: string) => LanguageModel][] = [
  ['@ai-sdk/openai, chat', (name) => openAi().chat(name)],
  ['@ai-sdk/openai, responses', (name) => openAi().responses(name)],
  [
    '@ai-sdk/anthropic',
    (name) => createAnthropic({ baseURL: `${app.url}/v1`, apiKey: app.adminKey }).languageModel(name),
  ],
  [
    '@ai-sdk/openai-compatible',
    (name) =>
      createOpenAICompatible({
        name: 'trunkline',
        baseURL: `${app.url}/v1`,
        apiKey: app.adminKey,
        includeUsage: true,
        supportsStructuredOutputs: true,
      }).chatModel(name),
  ],
];

function openAi(): ReturnType<typeof createOpenAI> {
  return createOpenAI({ baseURL: `${app.url}/v1`, apiKey: app.adminKey });
}

const weather = tool({
  description: 'The weather of a city.',
  inputSchema: z.object({ city: z.string() }),
  execute: ({ city }) => Promise.resolve({ city, celsius: 21 }),
});
const bird = Output.object({ schema: z.object({ name: z.string(), kilometres: z.number() }) });

describe('ai-sdk: ai sdk', () => {
  beforeAll(async () => {
    await Promise.all(Object.values(fakes).map((fake) => fake.start()));
    app = await startTestApp({
      gateway: {
        providers: {
          openai: { type: 'openai', base_url: fakes.openai.url, api_keys: ['sk-fake'] },
          claude: { type: 'anthropic', base_url: fakes.claude.url, api_keys: ['sk-fake'] },
          gemini: { type: 'gemini', base_url: fakes.gemini.url, api_keys: ['sk-fake'] },
        },
        models: {
          'over-openai': { targets: ['openai/gpt-5.4-mini'] },
          'over-claude': { targets: ['claude/claude-sonnet-5'] },
          'over-gemini': { targets: ['gemini/gemini-2.5-flash'] },
        },
      },
    });
  });

  beforeEach(() => {
    for (const fake of Object.values(fakes)) fake.reset();
  });

  afterAll(async () => {
    await app.close();
    await Promise.all(Object.values(fakes).map((fake) => fake.stop()));
  });

  describe.each(CLIENTS)('the AI SDK by %s', (_client, modelOf) => {
    describe.each(UPSTREAMS)('over %s', (upstream) => {
      const fake = fakes[upstream];
      const prompt = 'How far does the godwit fly?';

      it('generates text', async () => {
        fake.reply({ pieces: PIECES, usage: USAGE });
        const { text, finishReason, usage } = await generateText({ model: modelOf(`over-${upstream}`), prompt });
        expect([text, finishReason]).toEqual([TEXT, 'stop']);
        expect(usage).toMatchObject({ inputTokens: 20, outputTokens: 6 });
      });

      it('streams text', async () => {
        fake.reply({ pieces: PIECES, usage: USAGE });
        const errors: unknown[] = [];
        const result = streamText({
          model: modelOf(`over-${upstream}`),
          prompt,
          onError: ({ error }) => void errors.push(error),
        });
        const deltas: string[] = [];
        for await (const delta of result.textStream) deltas.push(delta);
        expect(errors).toEqual([]);
        expect(deltas.join('')).toBe(TEXT);
        expect(deltas.length).toBeGreaterThan(1);
        expect(await result.finishReason).toBe('stop');
        expect(await result.usage).toMatchObject({ inputTokens: 20, outputTokens: 6 });
      });

      it('generates an object', async () => {
        fake.reply({ text: JSON.stringify(BIRD), usage: USAGE });
        const { output } = await generateText({ model: modelOf(`over-${upstream}`), prompt, output: bird });
        expect(output).toEqual(BIRD);
        expect(fake.requests.at(-1)?.bodyText).toMatch(/kilometres/);
      });

      it('streams an object', async () => {
        fake.reply({ text: JSON.stringify(BIRD, null, 1), usage: USAGE });
        const result = streamText({ model: modelOf(`over-${upstream}`), prompt, output: bird });
        const partial: unknown[] = [];
        for await (const object of result.partialOutputStream) partial.push(object);
        expect(partial.at(-1)).toEqual(BIRD);
        expect(await result.output).toEqual(BIRD);
      });

      it.each([
        ['generated', false],
        ['streamed', true],
      ])('calls tools and goes on, %s', async (_how, isStream) => {
        fake.reply({ toolCalls: [{ id: 'call_1', name: 'weather', arguments: { city: 'Paris' } }], usage: USAGE });
        fake.reply({ pieces: PIECES, usage: USAGE });
        const asked = { model: modelOf(`over-${upstream}`), prompt, tools: { weather }, stopWhen: stepCountIs(3) };
        const result = isStream ? streamText(asked) : await generateText(asked);
        const steps = await result.steps;
        expect(await result.text).toBe(TEXT);
        expect(steps.map(({ finishReason }) => finishReason)).toEqual(['tool-calls', 'stop']);
        expect(steps[0]?.toolResults.map(({ output }) => output)).toEqual([{ city: 'Paris', celsius: 21 }]);
        expect(fake.requests).toHaveLength(2);
        // The second request has what was called and what came of it.
        expect(fake.requests[1]?.bodyText).toMatch(/Paris[\s\S]*celsius/);
      });

      it('tells a failure', async () => {
        fake.failWith(400);
        const failing = generateText({ model: modelOf(`over-${upstream}`), prompt, maxRetries: 0 });
        await expect(failing).rejects.toMatchObject({ statusCode: 400 });
      });
    });
  });
});
