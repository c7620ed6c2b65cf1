import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import { createTestSchema, dropTestSchema, runsOnServer, type TestDatabase } from './database.js';
import { ServerProcess } from './server-process.js';

const ADMIN_KEY = 'overload-bench-admin-key';
const PROBE = fileURLToPath(new URL('loop-probe.mjs', import.meta.url));

/** How a request was answered; status 0 when it was not. */
export interface Outcome {
  readonly status: number;
  readonly code: string | null;
  /** Whether it says when to try again. */
  readonly saysWhen: boolean;
  /** From arrival to answer as the server saw it. */
  readonly serverMs: number;
}

/** How the server is started. */
interface BenchOptions {
  readonly nodeOptions?: string;
  /** Missing for the bench's own provider, which shares this process. */
  readonly providerUrl?: string;
}

/** A server process of its own that is given too much, in front of a fake provider. */
export class OverloadBench {
  readonly provider = new FakeOpenAi();
  readonly #directory = mkdtempSync(join(tmpdir(), 'trunkline-overload-'));
  #server: ServerProcess | null = null;
  #database: TestDatabase | null = null;

  /** What says who asks, and in what. */
  readonly headers = { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' };

  /** Starts provider and server, with options of Node's and variables of ours. */
  async open(
    variables: Readonly<Record<string, string>>,
    { nodeOptions = '', providerUrl }: BenchOptions = {},
  ): Promise<void> {
    await this.provider.start();
    if (runsOnServer) this.#database = await createTestSchema();
    const config = join(this.#directory, 'trunkline.yaml');
    const lab = { type: 'openai-compatible', base_url: providerUrl ?? this.provider.url, api_keys: ['sk'] };
    writeFileSync(config, JSON.stringify({ providers: { lab } }));
    writeFileSync(this.#probeFile, '');
    this.#server = await ServerProcess.start({
      TRUNKLINE_DATA_DIR: join(this.#directory, 'data'),
      TRUNKLINE_CONFIG: config,
      TRUNKLINE_ADMIN_KEY: ADMIN_KEY,
      LOOP_PROBE_FILE: this.#probeFile,
      NODE_OPTIONS: `--import file://${PROBE} ${nodeOptions}`,
      LOG_LEVEL: 'fatal',
      ...(this.#database ? { DATABASE_URL: this.#database.url, DATABASE_SCHEMA: this.#database.schema } : {}),
      ...variables,
    });
  }

  async close(): Promise<void> {
    await this.#server?.end();
    await this.provider.stop();
    if (this.#database) await dropTestSchema(this.#database);
    rmSync(this.#directory, { recursive: true, force: true });
  }

  urlOf(path: string): string {
    return `${this.#url}${path}`;
  }

  /** Sends JSON, or a form; rejects only when there is no connection. */
  send(path: string, body: string | FormData): Promise<Response> {
    const { authorization } = this.headers;
    const headers = typeof body === 'string' ? this.headers : { authorization };
    return fetch(this.urlOf(path), { method: 'POST', body, headers });
  }

  /** Sends the same and reads the whole answer. */
  async ask(path: string, body: string | FormData): Promise<Outcome> {
    try {
      const response = await this.send(path, body);
      const text = await response.text();
      return {
        status: response.status,
        code: response.ok ? null : (/"code":"(\w+)"/.exec(text)?.[1] ?? null),
        saysWhen: response.headers.has('retry-after') && response.headers.has('retry-after-ms'),
        serverMs: parseInt(response.headers.get('x-response-time') ?? '0', 10),
      };
    } catch {
      return { status: 0, code: null, saysWhen: false, serverMs: 0 };
    }
  }

  /** The sum of a metric's series, or the one with the given labels. */
  async metric(name: string, labels = ''): Promise<number> {
    const text = await (await fetch(this.urlOf('/metrics'))).text();
    const lines = text.split('\n').filter((line) => line.startsWith(`${name}${labels}`) && !line.startsWith('#'));
    return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  }

  /** The longest time in milliseconds that the server worked without a turn of its event loop during `work`; 20 for less. */
  async longestTurn(work: () => Promise<unknown>): Promise<number> {
    const from = readFileSync(this.#probeFile, 'utf8').length;
    await work();
    const lines = readFileSync(this.#probeFile, 'utf8').slice(from).split('\n');
    return Math.max(20, ...lines.map(Number));
  }

  get #probeFile(): string {
    return join(this.#directory, 'turns.txt');
  }

  get #url(): string {
    return this.#server?.url ?? 'http://127.0.0.1:1';
  }
}

/** A chat with the fake provider, as the text of its body. */
export function chatBody(content: string, more: object = {}): string {
  return JSON.stringify({ model: 'lab/chat', messages: [{ role: 'user', content }], ...more });
}
