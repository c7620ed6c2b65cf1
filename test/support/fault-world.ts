import { setTimeout as delay } from 'node:timers/promises';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import { createTestSchema, dropTestSchema, type TestDatabase, withClient } from './database.js';
import { TcpProxy } from './tcp-proxy.js';
import { startTestApp, type TestApp } from './test-app.js';

const PAUSE_MS = 25;
const MOST_TRIES = 800;
const MESSAGES = [{ role: 'user', content: 'How far does the godwit fly?' }];

export interface FaultWorldOptions {
  env?: Record<string, string>;
  poolSize?: number;
}

/** The application behind a way to its database that can be broken, in front of a provider that costs money. */
export class FaultWorld {
  readonly provider = new FakeOpenAi();
  /** What the application's connections are called in the database, so that nobody else's are ended. */
  readonly name: string;
  #sequence = 0;

  private constructor(
    readonly database: TestDatabase,
    readonly proxy: TcpProxy,
  ) {
    this.name = `faults-${database.schema}`;
  }

  app!: TestApp;
  /** A key with a budget that is never spent. */
  key = '';

  static async start({ env = {}, poolSize = 5 }: FaultWorldOptions = {}): Promise<FaultWorld> {
    const database = await createTestSchema();
    const url = new URL(database.url);
    const proxy = new TcpProxy(url.hostname, Number(url.port));
    await proxy.open();
    const world = new FaultWorld(database, proxy);
    await world.provider.start();
    url.host = proxy.address;
    url.searchParams.set('application_name', world.name);
    world.app = await startTestApp({
      database: { ...database, url: url.href, poolSize },
      env,
      gateway: {
        providers: { lab: { type: 'openai-compatible', base_url: world.provider.url, api_keys: ['sk'] } },
        prices: { 'lab/m': { input: 1, output: 2 } },
      },
    });
    world.key = (await world.createKey({ budgets: [{ window: 'total', amount_usd: 100 }] })).key;
    return world;
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.proxy.cut();
    await dropTestSchema(this.database);
    await this.provider.stop();
  }

  async createKey(terms: object): Promise<{ id: string; key: string }> {
    const made = await this.app.post('/admin/keys', { name: 'k', ...terms });
    if (made.status !== 201) throw new Error(await made.text());
    return (await made.json()) as { id: string; key: string };
  }

  /** A paid question under an id of its own, which starts with the mark. */
  ask(
    mark: string,
    options: { stream?: boolean; key?: string; surface?: 'openai' | 'anthropic' } = {},
  ): Promise<Response> {
    const { stream = false, key = this.key, surface = 'openai' } = options;
    this.#sequence += 1;
    const path = surface === 'openai' ? '/v1/chat/completions' : '/v1/messages';
    const body = { model: 'lab/m', stream, max_tokens: 50, messages: MESSAGES };
    return this.app.post(path, body, { key, headers: { 'x-request-id': `${mark}-${String(this.#sequence)}` } });
  }

  /** Asks until the answer has the status, and gives that answer. */
  async askUntil(status: number, key = this.key): Promise<Response> {
    for (let tries = 1; ; tries += 1) {
      const response = await this.ask(`until${String(status)}`, { key });
      if (response.status === status) return response;
      const text = await response.text();
      if (tries === MOST_TRIES) throw new Error(`Still ${String(response.status)}: ${text}`);
      await delay(PAUSE_MS);
    }
  }

  /** The probe's answer once it has the status. */
  async readyUntil(status: number): Promise<{ status: string; details: Record<string, { status: string }> }> {
    for (let tries = 1; ; tries += 1) {
      const response = await this.app.get('/health/ready', { key: null });
      const body = (await response.json()) as { status: string; details: Record<string, { status: string }> };
      if (response.status === status) return body;
      if (tries === MOST_TRIES) throw new Error(`Still ${String(response.status)}: ${JSON.stringify(body)}`);
      await delay(PAUSE_MS);
    }
  }

  /** Asks without a pause, from several clients at once, while `work` goes on; the answers by status. */
  async under(clients: number, work: () => Promise<void>): Promise<Map<number, string[]>> {
    const answers = new Map<number, string[]>();
    let isOver = false;
    const load = Array.from({ length: clients }, async (_, client) => {
      while (!isOver) {
        const response = await this.ask('load', { stream: client % 2 === 0 });
        const texts = answers.get(response.status) ?? [];
        answers.set(response.status, [...texts, await response.text()]);
        if (response.status !== 200) await delay(PAUSE_MS);
      }
    });
    try {
      await work();
    } finally {
      isOver = true;
    }
    await Promise.all(load);
    return answers;
  }

  /** Resolves once the provider saw so many more requests. */
  async untilServed(more: number): Promise<void> {
    const until = this.provider.requests.length + more;
    while (this.provider.requests.length < until) await delay(5);
  }

  /** The ids and ends of all requests whose ids start with the mark, once there are so many. */
  async rows(mark: string, count: number): Promise<{ id: string; status: string }[]> {
    return withClient(this.database, async (client) => {
      for (let tries = 1; ; tries += 1) {
        const { rows } = await client.query<{ id: string; status: string }>(
          `select request_id as id, status from usage_request where status <> 'open' and request_id like $1 || '%'
            order by 1`,
          [mark],
        );
        if (rows.length >= count || tries === MOST_TRIES) return rows;
        await delay(PAUSE_MS);
      }
    });
  }

  /** Ends every connection of the application's, as an operator may; how many there were. */
  async killBackends(): Promise<number> {
    return withClient(this.database, async (client) => {
      const { rowCount } = await client.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1',
        [this.name],
      );
      return rowCount ?? 0;
    });
  }
}
