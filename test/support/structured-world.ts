import type { JsonObject } from '../../src/core/json.js';
import { isJsonObject } from '../../src/core/json.js';
import { FakeAnthropic } from '../fakes/fake-anthropic.js';
import { FakeGemini } from '../fakes/fake-gemini.js';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import type { ScriptedReply } from '../fakes/scripted-reply.js';
import type { ServedRequest } from '../fakes/served-request.js';
import { startTestApp, type TestApp } from './test-app.js';

/** Every way there is to ask a model for JSON, as `provider/model`. */
export const STRUCTURED_TARGETS = [
  'openai/gpt-5.4-mini',
  'claude/claude-sonnet-5',
  'claude/claude-3-haiku-20240307',
  'gemini/gemini-2.5-flash',
  'lab/plain',
  'told/plain',
  'called/plain',
] as const;

/** The application before a fake of each vendor. */
export class StructuredWorld {
  readonly openAi = new FakeOpenAi();
  readonly anthropic = new FakeAnthropic();
  readonly gemini = new FakeGemini();

  async start(): Promise<TestApp> {
    const { openAi, anthropic, gemini } = this;
    await Promise.all([openAi.start(), anthropic.start(), gemini.start()]);
    const server = { type: 'openai-compatible', base_url: openAi.url, api_keys: ['sk-fake-lab'] };
    return startTestApp({
      gateway: {
        providers: {
          openai: { type: 'openai', base_url: openAi.url, api_keys: ['sk-fake-openai'] },
          claude: { type: 'anthropic', base_url: anthropic.url, api_keys: ['sk-fake-anthropic'] },
          gemini: { type: 'gemini', base_url: gemini.url, api_keys: ['AIza-fake-key'] },
          lab: server,
          told: { ...server, structured_output: 'instruction' },
          called: { ...server, structured_output: 'tool' },
        },
        models: { mixed: { targets: ['openai/gpt-5.4-mini', 'claude/claude-3-haiku-20240307'] } },
        prices: {
          'lab/plain': { input: 1, output: 2 },
          'told/plain': { input: 1, output: 2 },
          'called/plain': { input: 1, output: 2 },
        },
      },
    });
  }

  /**
   * What every fake answers from here on; a text is given as the arguments of a call where one is forced, unless the reply
   * says that it has no calls.
   */
  answer(reply: (request: ServedRequest) => ScriptedReply): void {
    for (const fake of [this.openAi, this.anthropic, this.gemini]) {
      fake.reply((request) => inForm(reply(request), request.body)).forever();
    }
  }

  requests(): ServedRequest[] {
    return [this.openAi, this.anthropic, this.gemini].flatMap(({ requests }) => requests);
  }

  reset(): void {
    for (const fake of [this.openAi, this.anthropic, this.gemini]) fake.reset();
  }

  async stop(): Promise<void> {
    await Promise.all([this.openAi.stop(), this.anthropic.stop(), this.gemini.stop()]);
  }
}

function inForm(reply: ScriptedReply, body: JsonObject): ScriptedReply {
  const { toolCalls, ...said } = reply;
  if (toolCalls?.length === 0) return said;
  const name = forcedTool(body);
  if (name === null || reply.refusal !== undefined) return reply;
  const { text = '', pieces = [text], ...rest } = reply;
  return { ...rest, toolCalls: [{ name, arguments: pieces.join('') }] };
}

/** The function that the request leaves the model no choice but to call. */
export function forcedTool({ tool_choice: choice }: JsonObject): string | null {
  if (!isJsonObject(choice)) return null;
  const { name } = isJsonObject(choice.function) ? choice.function : choice;
  return typeof name === 'string' ? name : null;
}
