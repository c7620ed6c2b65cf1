import OpenAI from 'openai';
import { FakeAnthropic } from '../../fakes/fake-anthropic.js';
import { FakeGemini } from '../../fakes/fake-gemini.js';
import { FakeOpenAi } from '../../fakes/fake-openai.js';
import { createTestSchema, dropTestSchema, type TestDatabase, withClient } from '../../support/database.js';
import { openAiSchemaCheck } from '../../support/openai-schemas.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';

type Response = OpenAI.Responses.Response;

const ADMIN_KEY = 'one-key-for-every-replica-of-the-bench';

/** The models, each with the fake that answers for it. */
export const MODELS = ['over-openai', 'over-chat', 'over-claude', 'over-gemini'] as const;
export type Model = (typeof MODELS)[number];

/** Applications over one database, between OpenAI's client and a fake of each vendor; `lab` speaks nothing but chat. */
export class ResponseBench {
  readonly openAi = new FakeOpenAi();
  readonly lab = new FakeOpenAi();
  readonly claude = new FakeAnthropic();
  readonly gemini = new FakeGemini();
  readonly apps: TestApp[] = [];
  database!: TestDatabase;

  async start(replicas = 1, env: Record<string, string> = {}): Promise<void> {
    await Promise.all(this.#fakes.map((fake) => fake.start()));
    this.database = await createTestSchema();
    for (let count = 0; count < replicas; count += 1) {
      const { database } = this;
      const gateway = this.gateway;
      this.apps.push(await startTestApp({ database, env: { TRUNKLINE_ADMIN_KEY: ADMIN_KEY, ...env }, gateway }));
    }
  }

  /** The models file. */
  get gateway(): object {
    return {
      providers: {
        openai: { type: 'openai', base_url: this.openAi.url, api_keys: ['sk-fake'] },
        lab: { type: 'openai-compatible', base_url: this.lab.url, api_keys: ['sk-fake'] },
        claude: { type: 'anthropic', base_url: this.claude.url, api_keys: ['sk-fake'] },
        gemini: { type: 'gemini', base_url: this.gemini.url, api_keys: ['fake-key'] },
      },
      models: {
        'over-openai': { targets: ['openai/gpt-5.4-mini'] },
        'over-chat': { targets: ['lab/any'] },
        'over-claude': { targets: ['claude/claude-sonnet-5'] },
        'over-gemini': { targets: ['gemini/gemini-2.5-flash'] },
      },
      prices: { 'lab/any': { input: 1, output: 2 } },
      defaults: { chat: 'over-openai', embeddings: 'local/lexical-384' },
    };
  }

  get #fakes(): (FakeOpenAi | FakeAnthropic | FakeGemini)[] {
    return [this.openAi, this.lab, this.claude, this.gemini];
  }

  reset(): void {
    for (const fake of this.#fakes) fake.reset();
    for (const app of this.apps) app.resetProviders();
  }

  async stop(): Promise<void> {
    for (const app of this.apps) await app.close();
    await dropTestSchema(this.database);
    await Promise.all(this.#fakes.map((fake) => fake.stop()));
  }

  get app(): TestApp {
    const [app] = this.apps;
    if (!app) throw new Error('The bench has not been started.');
    return app;
  }

  client(app = this.app, apiKey = ADMIN_KEY): OpenAI {
    return new OpenAI({ baseURL: `${app.url}/v1`, apiKey, maxRetries: 0 });
  }

  fakeOf(model: Model): FakeOpenAi | FakeAnthropic | FakeGemini {
    return {
      'over-openai': this.openAi,
      'over-chat': this.lab,
      'over-claude': this.claude,
      'over-gemini': this.gemini,
    }[model];
  }

  /** The response once it is over: what is in the background has to be asked for. */
  async waitForEnd(id: string, client = this.client()): Promise<Response> {
    const giveUpAt = performance.now() + 20_000;
    for (;;) {
      const response = await client.responses.retrieve(id);
      if (response.status !== 'queued' && response.status !== 'in_progress') return response;
      if (performance.now() > giveUpAt) throw new Error(`It is still ${response.status}.`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  /** Lets jobs that wait for their next attempt begin it now. */
  async hurry(): Promise<void> {
    await this.query(`update "${this.database.schema}_jobs".job set start_after = now()
      where name = 'response' and state in ('created', 'retry') and start_after > now()`);
  }

  async query<Row>(text: string, values: unknown[] = []): Promise<Row[]> {
    return withClient(this.database, async (client) => (await client.query(text, values)).rows as Row[]);
  }
}

/** A check that throws unless each event is one of OpenAI's, and they are numbered without gaps. */
export function expectValidEvents(events: readonly unknown[]): void {
  const check = openAiSchemaCheck('ResponseStreamEvent');
  events.forEach((event, index) => {
    check(event);
    const { sequence_number: sequence } = event as { sequence_number: number };
    if (sequence !== index) throw new Error(`The event ${String(index)} has the number ${String(sequence)}.`);
  });
}

/** What a fake was asked, a line for each message, whichever dialect it speaks. */
export function promptOf(body: Record<string, unknown> | undefined): string {
  const { messages, input, contents, system, instructions } = body ?? {};
  return JSON.stringify({ system, instructions, said: messages ?? input ?? contents });
}
