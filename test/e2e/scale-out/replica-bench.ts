import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI from 'openai';
import { FakeOpenAi } from '../../fakes/fake-openai.js';
import { FakeToolServer } from '../../fakes/fake-tool-server.js';
import { createTestSchema, dropTestSchema, type TestDatabase } from '../../support/database.js';
import { RoundRobin } from '../../support/round-robin.js';
import { startTestApp, TestApp } from '../../support/test-app.js';

const ADMIN_KEY = 'one-key-for-every-replica-of-the-bench';
/** Somewhat less than a test may take, so that it can say what it waited for. */
const WAIT_MS = 50_000;

/** Two applications over one database, or two roles of it, with a fake provider and a receiver of webhooks. */
export class ReplicaBench {
  readonly lab = new FakeOpenAi();
  readonly receiver = new FakeToolServer();
  readonly apps: TestApp[] = [];
  readonly proxy = new RoundRobin();
  readonly directory = mkdtempSync(join(tmpdir(), 'trunkline-replicas-'));
  #database: TestDatabase | null = null;

  async start(): Promise<void> {
    await Promise.all([this.lab.start(), this.receiver.start()]);
    this.#database = await createTestSchema();
  }

  /** Another application on the same database, with the same configuration but for what is given. */
  async add(env: Record<string, string> = {}): Promise<TestApp> {
    if (!this.#database) throw new Error('The bench has not been started.');
    const app = await startTestApp({
      database: this.#database,
      gateway: {
        providers: { lab: { type: 'openai-compatible', base_url: this.lab.url, api_keys: ['sk-lab'] } },
        models: { chat: { targets: ['lab/any'] } },
        prices: { 'lab/any': { input: 1, output: 2 } },
        defaults: { chat: 'chat', embeddings: 'local/lexical-384' },
      },
      env: {
        TRUNKLINE_ADMIN_KEY: ADMIN_KEY,
        TRUNKLINE_SECRET: 'a secret of the tests, long enough for it',
        EGRESS_ALLOW: '127.0.0.1/32',
        DATABASE_POOL_SIZE: '3',
        ...env,
      },
    });
    this.apps.push(app);
    return app;
  }

  /** All applications behind one address, each request at the next of them. */
  async join(): Promise<TestApp> {
    await this.proxy.start(this.apps.map(({ url }) => url));
    const [first] = this.apps;
    if (!first) throw new Error('There is no application.');
    return new TestApp(first.nest, this.proxy.url, ADMIN_KEY, () => this.proxy.stop());
  }

  client(url: string): OpenAI {
    return new OpenAI({ baseURL: `${url}/v1`, apiKey: ADMIN_KEY, maxRetries: 0 });
  }

  async stop(): Promise<void> {
    for (const app of this.apps) await app.close();
    if (this.#database) await dropTestSchema(this.#database);
    rmSync(this.directory, { recursive: true, force: true });
    this.receiver.stop();
    await this.lab.stop();
  }
}

/** Asks again and again until the answer is as wanted, and resolves to it. */
export async function until<T>(ask: () => Promise<T>, accept: (answer: T) => boolean): Promise<T> {
  const giveUpAt = performance.now() + WAIT_MS;
  for (;;) {
    const answer = await ask();
    if (accept(answer)) return answer;
    if (performance.now() > giveUpAt) throw new Error(`It is still ${JSON.stringify(answer)}.`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** The answer's JSON, or an error with the whole of it unless the status is one of success. */
export async function told<T>(response: Response | Promise<Response>): Promise<T> {
  const answer = await response;
  if (!answer.ok) throw new Error(`${String(answer.status)} ${await answer.text()}`);
  return (await answer.json()) as T;
}
