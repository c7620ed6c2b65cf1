import { expect } from '@jest/globals';
import { FakeAnthropic } from '../fakes/fake-anthropic.js';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import type { ScriptedReply } from '../fakes/scripted-reply.js';
import { type CallOptions, startTestApp, type TestApp } from './test-app.js';

const PRICE = { input: 1, output: 2 };
const PROVIDERS = {
  east: { type: 'openai-compatible', api_keys: ['sk-east'] },
  west: { type: 'openai-compatible', api_keys: ['sk-west'] },
  claude: { type: 'anthropic', api_keys: ['sk-claude'] },
};
const MODELS = {
  cached: { targets: ['east/m', 'west/m'], caches: { exact: { ttl_seconds: 600 } } },
  twin: { targets: ['east/m', 'west/m'], caches: { exact: {} } },
  other: { targets: ['west/m'], caches: { exact: {} } },
  'over-claude': { targets: ['claude/claude-sonnet-5'], caches: { exact: {} } },
  plain: { targets: ['east/m'] },
  never: { targets: ['east/m'], caches: { exact: { use: 'never' } } },
  every: {
    targets: ['east/m', 'west/m'],
    hedge: { after: 'p95', max_extra: 0.5 },
    on_stream_failure: 'continue',
    caches: { exact: {} },
  },
  vectors: { kind: 'embeddings', targets: ['east/e'], caches: { exact: {} } },
};

/** What the fakes answer, and what it comes to. */
export const REPLY: ScriptedReply = {
  pieces: ['One', ' two', ' three', ' "four"\n'],
  usage: { input: 10, output: 5 },
};
const TEXT = 'One two three "four"\n';
export const COST = (10 * PRICE.input + 5 * PRICE.output) / 1_000_000;
/** What `read` makes of it. */
export const WHOLE = { text: TEXT, finish: 'stop' };
export const TOOLS = [
  {
    type: 'function',
    function: { name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
  },
];
export const STREAMED = { stream: true, stream_options: { include_usage: true } };

/** One answer as its client has it. */
interface Told {
  readonly id: string;
  readonly status: number;
  /** `x-trunkline-cache` */
  readonly cache: string | null;
  readonly body: string;
}

/** The application over three fakes, with models that keep answers and some that do not. */
export class ExactCacheWorld {
  readonly east = new FakeOpenAi();
  readonly west = new FakeOpenAi();
  readonly claude = new FakeAnthropic();
  readonly fakes = [this.east, this.west, this.claude];
  #app: TestApp | null = null;
  #serial = 0;

  get app(): TestApp {
    if (!this.#app) throw new Error('The world has not been started.');
    return this.#app;
  }

  /** How many requests the fakes had. */
  get asked(): number {
    return this.fakes.reduce((sum, { requests }) => sum + requests.length, 0);
  }

  async start(): Promise<void> {
    await Promise.all(this.fakes.map((fake) => fake.start()));
    const { east, west, claude } = PROVIDERS;
    this.#app = await startTestApp({
      gateway: {
        providers: {
          east: { ...east, base_url: this.east.url },
          west: { ...west, base_url: this.west.url },
          claude: { ...claude, base_url: this.claude.url },
        },
        models: MODELS,
        prices: { 'east/m': PRICE, 'west/m': PRICE, 'east/e': PRICE },
      },
    });
  }

  reset(reply = REPLY): void {
    for (const fake of this.fakes) {
      fake.reset();
      fake.reply(reply).forever();
    }
  }

  async stop(): Promise<void> {
    await this.#app?.close();
    await Promise.all(this.fakes.map((fake) => fake.stop()));
  }

  /** A question that nobody has asked before. */
  newQuestion(): string {
    this.#serial += 1;
    return `What is number ${String(this.#serial)}?`;
  }

  /** The ids of the last requests. */
  lastIds(count: number): string[] {
    return Array.from({ length: count }, (_, back) => `exact-${String(this.#serial - back)}`);
  }

  async ask(question: string, rest: object = {}, options: CallOptions & { path?: string } = {}): Promise<Told> {
    const { path = '/v1/chat/completions', headers, ...others } = options;
    this.#serial += 1;
    const id = `exact-${String(this.#serial)}`;
    const body = { model: 'cached', messages: [{ role: 'user', content: question }], ...rest };
    const response = await this.app.post(path, body, { ...others, headers: { 'x-request-id': id, ...headers } });
    const cache = response.headers.get('x-trunkline-cache');
    return { id, status: response.status, cache, body: await response.text() };
  }
}

interface Frame {
  readonly type?: string;
  readonly content?: string;
  readonly finish_reason?: string;
  readonly choices?: { delta: { content?: string }; finish_reason: string | null }[];
}

interface Whole {
  readonly reply?: string;
  readonly finish_reason?: string;
  readonly choices?: { message: { content: string }; finish_reason: string }[];
}

/** The text and the end of a body of any form; a stream must have ended well. */
export function read({ body }: Told): { text: string; finish: unknown } {
  if (!body.startsWith('data:')) return readWhole(JSON.parse(body) as Whole);
  expect(body.endsWith('data: [DONE]\n\n')).toBe(true);
  const frames = body
    .split('\n\n')
    .slice(0, -2)
    .map((line) => JSON.parse(line.slice('data: '.length)) as Frame);
  const texts = frames.map(({ type, content, choices }) => (type === 'delta' ? content : choices?.[0]?.delta.content));
  const finishes = frames.map((frame) => frame.finish_reason ?? frame.choices?.[0]?.finish_reason);
  return { text: texts.join(''), finish: finishes.findLast((finish) => typeof finish === 'string') };
}

function readWhole({ reply, finish_reason, choices }: Whole): { text: string; finish: unknown } {
  const [choice] = choices ?? [];
  return choice
    ? { text: choice.message.content, finish: choice.finish_reason }
    : { text: reply ?? '', finish: finish_reason };
}
