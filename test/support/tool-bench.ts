import { expect } from '@jest/globals';
import { FakeAnthropic } from '../fakes/fake-anthropic.js';
import { FakeGemini } from '../fakes/fake-gemini.js';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import { FakeToolServer } from '../fakes/fake-tool-server.js';
import type { ScriptedToolCall } from '../fakes/scripted-reply.js';
import { startTestApp, type TestApp } from './test-app.js';

/** What `POST /v1/chat` answers. */
export interface ToolAnswer {
  content: string;
  conversation_id: string | null;
  finish_reason: string;
  usage: { input_tokens: number; output_tokens: number };
  cost_usd: number | null;
  warnings?: string[];
  tool_calls?: { id: string; function: { name: string; arguments: string } }[];
  tool_results?: { id: string; name: string; arguments: string; content: string; is_error: boolean }[];
}

/** A message as OpenAI's fake got it. */
export interface SentMessage {
  role: string;
  content?: unknown;
  tool_call_id?: string;
  tool_calls?: { id: string; function: { name: string } }[];
}

const CITY = { type: 'object', required: ['city'], properties: { city: { type: 'string', minLength: 2 } } };
const USAGE = { input: 100, output: 10 };

/** The application with HTTP tools, between a client and a fake of each vendor. */
export class ToolBench {
  readonly openAi = new FakeOpenAi();
  readonly anthropic = new FakeAnthropic();
  readonly gemini = new FakeGemini();
  readonly service = new FakeToolServer();

  async start(): Promise<TestApp> {
    const { openAi, anthropic, gemini, service } = this;
    await Promise.all([openAi.start(), anthropic.start(), gemini.start(), service.start()]);
    const weather = { description: 'The weather.', parameters: CITY, url: `${service.url}/weather/{city}` };
    return startTestApp({
      gateway: {
        providers: {
          lab: { type: 'openai-compatible', base_url: openAi.url, api_keys: ['sk-lab'] },
          claude: { type: 'anthropic', base_url: anthropic.url, api_keys: ['sk-ant'] },
          gemini: { type: 'gemini', base_url: gemini.url, api_keys: ['sk-gem'] },
        },
        // One that shares answers: the steps of a request share none.
        models: { priced: { targets: ['lab/llama'], single_flight: true } },
        prices: { 'lab/llama': { input: 2, output: 10 } },
        tools: {
          weather: { ...weather, headers: { authorization: 'Bearer hidden-secret' } },
          order: { description: 'Orders.', parameters: CITY, url: `${service.url}/order?via=x`, method: 'POST' },
          brief: { ...weather, timeout_ms: 100 },
          small: { ...weather, max_response_bytes: 1024 },
          theirs: { ...weather, projects: ['proj_other'] },
        },
        tool_loop: { max_steps: 4, parallel_calls: 2, max_result_tokens: 200 },
      },
    });
  }

  reset(): void {
    this.openAi.reset();
    this.anthropic.reset();
    this.gemini.reset();
    this.service.reset();
  }

  async stop(): Promise<void> {
    this.service.stop();
    await Promise.all([this.openAi.stop(), this.anthropic.stop(), this.gemini.stop()]);
  }

  /** The next answer of OpenAI's fake calls tools. */
  readonly asks = (...toolCalls: ScriptedToolCall[]): void => {
    this.openAi.reply({ toolCalls, usage: USAGE });
  };

  /** The next answer of OpenAI's fake is a text. */
  readonly says = (text: string): void => {
    this.openAi.reply({ text, usage: USAGE });
  };

  /** The messages of a request to OpenAI's fake. */
  readonly sent = (request: number): SentMessage[] =>
    this.openAi.requests[request]?.body.messages as unknown as SentMessage[];

  /** The names of the tools in a request to OpenAI's fake. */
  readonly offered = (request: number): string[] => {
    const tools = (this.openAi.requests[request]?.body.tools ?? []) as unknown as { function: { name: string } }[];
    return tools.map((each) => each.function.name);
  };
}

/** One call of a tool, as a fake writes it. */
export function call(name: string, args: ScriptedToolCall['arguments'], id?: string): ScriptedToolCall {
  return id === undefined ? { name, arguments: args } : { name, arguments: args, id };
}

/** Asks `POST /v1/chat` for an answer by way of `http:weather`, unless `body` says otherwise; the status has to be 200. */
export async function chatWithTools(app: TestApp, body: object): Promise<ToolAnswer> {
  const asked = { model: 'priced', message: 'How is it?', server_tools: ['http:weather'], store: false, ...body };
  const response = await app.post('/v1/chat', asked);
  const answer = (await response.json()) as ToolAnswer;
  expect({ status: response.status, answer }).toMatchObject({ status: 200 });
  return answer;
}
