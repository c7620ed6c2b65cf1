import { FakeAnthropic } from '../../fakes/fake-anthropic.js';
import { FakeOpenAi } from '../../fakes/fake-openai.js';
import { createTestSchema, dropTestSchema, type TestDatabase, withClient } from '../../support/database.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';

export interface ChatReply {
  content: string;
  conversation_id: string | null;
  warnings?: string[];
}

export interface StoredMessage {
  id: string;
  turn: number;
  role: string;
  status: string;
  content: unknown;
  finish_reason: string | null;
  tool_calls?: { id: string }[];
}

const ADMIN_KEY = 'one-key-for-every-replica-of-the-bench';

/** Applications over one database, between clients and fakes: `lab` answers, `cheap` sums up, `claude` is another vendor. */
export class ConversationBench {
  readonly lab = new FakeOpenAi();
  readonly cheap = new FakeOpenAi();
  readonly claude = new FakeAnthropic();
  readonly apps: TestApp[] = [];
  database!: TestDatabase;

  async start(replicas = 1): Promise<void> {
    await Promise.all([this.lab.start(), this.cheap.start(), this.claude.start()]);
    this.database = await createTestSchema();
    for (let count = 0; count < replicas; count += 1) {
      this.apps.push(
        await startTestApp({
          database: this.database,
          env: { TRUNKLINE_ADMIN_KEY: ADMIN_KEY },
          gateway: {
            providers: {
              openai: { type: 'openai', base_url: this.lab.url, api_keys: ['sk-fake'] },
              cheap: { type: 'openai-compatible', base_url: this.cheap.url, api_keys: ['sk-fake'] },
              claude: { type: 'anthropic', base_url: this.claude.url, api_keys: ['sk-fake'] },
            },
            models: {
              lab: { targets: ['openai/gpt-5.4-mini'] },
              narrow: { targets: ['openai/gpt-4'] },
              sonnet: { targets: ['claude/claude-sonnet-5'] },
            },
            conversations: { max_messages: 60, max_message_bytes: 40_000, summary: { model: 'cheap/any' } },
            defaults: { chat: 'lab', embeddings: 'local/lexical-384' },
          },
        }),
      );
    }
  }

  reset(): void {
    for (const fake of [this.lab, this.cheap, this.claude]) fake.reset();
    for (const app of this.apps) app.resetProviders();
  }

  async stop(): Promise<void> {
    for (const app of this.apps) await app.close();
    await dropTestSchema(this.database);
    await Promise.all([this.lab, this.cheap, this.claude].map((fake) => fake.stop()));
  }

  get app(): TestApp {
    const [app] = this.apps;
    if (!app) throw new Error('The bench has not been started.');
    return app;
  }

  /** A turn that must succeed. */
  async say(body: object, app = this.app): Promise<ChatReply> {
    const response = await app.post('/v1/chat', body);
    if (response.status !== 200) throw new Error(`${String(response.status)}: ${await response.text()}`);
    return (await response.json()) as ChatReply;
  }

  /** A new conversation with one turn. */
  async begin(message = 'Hello', reply = 'Hello yourself.'): Promise<string> {
    this.lab.reply({ text: reply });
    const id = (await this.say({ message })).conversation_id;
    if (id === null) throw new Error('The turn was not stored.');
    return id;
  }

  /** All that was said, oldest first. */
  async messages(id: string, app = this.app): Promise<StoredMessage[]> {
    const response = await app.get(`/v1/conversations/${id}/messages?order=asc&limit=100`);
    if (response.status !== 200) throw new Error(`${String(response.status)}: ${await response.text()}`);
    return ((await response.json()) as { data: StoredMessage[] }).data;
  }

  /** Each message as `role status content`. */
  async told(id: string, app = this.app): Promise<string[]> {
    return (await this.messages(id, app)).map(
      ({ role, status, content }) =>
        `${role} ${status} ${typeof content === 'string' ? content : JSON.stringify(content)}`,
    );
  }

  /** Polls until the messages are as they should be: what a client that left cannot wait for. */
  async waitForTold(id: string, expected: readonly string[], app = this.app): Promise<void> {
    const giveUpAt = performance.now() + 10_000;
    for (;;) {
      const told = await this.told(id, app);
      if (JSON.stringify(told) === JSON.stringify(expected)) return;
      if (performance.now() > giveUpAt) throw new Error(`It is ${JSON.stringify(told)}.`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async query<Row>(text: string, values: unknown[] = []): Promise<Row[]> {
    return withClient(this.database, async (client) => (await client.query(text, values)).rows as Row[]);
  }
}

/** What a fake was asked, a line for each message. */
export function promptOf(request: { body: Record<string, unknown> } | undefined): string[] {
  const messages = (request?.body.messages ?? []) as { role: string; content: unknown }[];
  return messages.map(
    ({ role, content }) => `${role} ${typeof content === 'string' ? content : JSON.stringify(content)}`,
  );
}
