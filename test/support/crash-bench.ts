import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findEmbeddedOwner } from '../../src/database/embedded/embedded-database.js';
import type { LedgerProblem } from '../../src/usage/ledger/check-ledger.js';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import { createTestSchema, dropTestSchema, runsOnServer, type TestDatabase, withClient } from './database.js';
import { ledgerProblems } from './ledger-problems.js';
import { ServerProcess, type ServerProcessOptions } from './server-process.js';

const ADMIN_KEY = 'crash-bench-admin-key';
const PIECES = Array.from({ length: 12 }, (_, index) => ` word-${String(index)}`);
const EVENT_MS = 5;
const LONG_MS = 600_000;

/** How a served request ended, by the ledger. */
export interface LedgerRow {
  readonly request_id: string;
  readonly status: string;
}

/** A server process under load, in front of a fake provider, over a database that outlives it. */
export class CrashBench {
  readonly provider = new FakeOpenAi();
  readonly #directory = mkdtempSync(join(tmpdir(), 'trunkline-crash-'));
  #server: ServerProcess | null = null;
  #database: TestDatabase | null = null;
  #key = ADMIN_KEY;
  #asked = 0;

  /** Starts provider and server; on the suite's PostgreSQL where there is one, else on an embedded database of its own. */
  async open(
    databaseUrl?: string,
    start: { variables?: Readonly<Record<string, string>>; options?: ServerProcessOptions } = {},
  ): Promise<void> {
    await this.provider.start();
    this.provider.reply({ pieces: PIECES, eventDelayMs: EVENT_MS }).forever();
    if (databaseUrl !== undefined) {
      const schema = `test_${randomBytes(6).toString('hex')}`;
      this.#database = { url: databaseUrl, dataDir: tmpdir(), schema, poolSize: 5 };
    } else if (runsOnServer) this.#database = await createTestSchema();
    const gateway = {
      providers: { lab: { type: 'openai-compatible', base_url: this.provider.url, api_keys: ['sk'] } },
      // For answers that stand still until a test goes on, however busy the machine is.
      models: { patient: { targets: ['lab/chat'], timeouts: { first_content_ms: LONG_MS, idle_ms: LONG_MS } } },
      prices: { 'lab/chat': { input: 1, output: 2 }, 'lab/vectors': { input: 1, output: 0 } },
    };
    writeFileSync(join(this.#directory, 'trunkline.yaml'), JSON.stringify(gateway));
    await this.restart(start.variables, start.options);
    const made = await this.post('/admin/keys', {
      name: 'with a budget',
      budgets: [
        { window: 'total', amount_usd: 1_000 },
        { window: 'day', amount_usd: 1_000, model: 'lab/chat' },
      ],
    });
    this.#key = ((await made.json()) as { key: string }).key;
  }

  async close(): Promise<void> {
    await this.kill();
    await this.provider.stop();
    if (this.#database) await dropTestSchema(this.#database);
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async restart(variables: Readonly<Record<string, string>> = {}, options?: ServerProcessOptions): Promise<void> {
    this.#server = await ServerProcess.start({ ...this.#variables(), ...variables }, options);
  }

  /** The process that runs. */
  get server(): ServerProcess {
    if (!this.#server) throw new Error('No server runs.');
    return this.#server;
  }

  /** A key with budgets, under which the load is asked for. */
  get key(): string {
    return this.#key;
  }

  get pid(): number {
    return this.#server?.pid ?? 0;
  }

  /** Ends it as an operator does. */
  async stop(): Promise<void> {
    await this.#server?.end('SIGTERM');
    this.#server = null;
  }

  /** What `npm run ledger:check` prints; rejects when its exit code is not 0. */
  async check(): Promise<string> {
    const script = fileURLToPath(new URL('../../scripts/ledger-check.mjs', import.meta.url));
    const env = { PATH: process.env.PATH, ...this.#variables() };
    return (await promisify(execFile)(process.execPath, [script], { env })).stdout;
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    await this.#server?.end();
    this.#server = null;
  }

  /** Lets processes that are gone count as dead at once; with a database that is gone with them nothing has to be done. */
  async buryTheDead(): Promise<void> {
    if (!this.#database) return;
    await withClient(this.#database, async (client) => {
      await client.query(`update instance set heartbeat_at = now() - interval '1 hour'`);
    });
  }

  /** Sends all kinds of requests at once, without a pause, until `isOver`; resolves to their statuses, 0 for none. */
  async load(atOnce: number, isOver: () => boolean): Promise<number[]> {
    const statuses: number[] = [];
    await Promise.all(
      Array.from({ length: atOnce }, async () => {
        while (!isOver()) {
          const status = await this.#ask().catch(() => 0);
          statuses.push(status);
          if (status !== 200) await delay(5);
        }
      }),
    );
    return statuses;
  }

  /** Runs the load until the provider saw so many more requests, then `between`; resolves to the statuses. */
  async loadUntilServed(atOnce: number, more: number, between: () => Promise<void>): Promise<number[]> {
    let isOver = false;
    const load = this.load(atOnce, () => isOver);
    try {
      await this.untilServed(more);
      await between();
    } finally {
      isOver = true;
    }
    return load;
  }

  /** Resolves when the provider saw so many more requests, however long that takes. */
  async untilServed(more: number): Promise<void> {
    const until = this.provider.requests.length + more;
    while (this.provider.requests.length < until) await delay(5);
  }

  post(path: string, body: object, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${this.#server?.url ?? 'http://127.0.0.1:1'}${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { authorization: `Bearer ${this.#key}`, 'content-type': 'application/json', ...headers },
    });
  }

  get(path: string): Promise<Response> {
    const url = `${this.#server?.url ?? 'http://127.0.0.1:1'}${path}`;
    return fetch(url, { headers: { authorization: `Bearer ${this.#key}` } });
  }

  /** The marks of the requests that the provider saw; one that was tried again has one mark. */
  served(): Set<string> {
    return new Set(this.provider.requests.flatMap(({ bodyText }) => /mark-\d+/.exec(bodyText)?.[0] ?? []));
  }

  async ledgerRows(): Promise<LedgerRow[]> {
    return withClient(this.#location(), async (client) => {
      const { rows } = await client.query<LedgerRow>(
        `select request_id, status from usage_request where request_id like 'mark-%' and status <> 'open'`,
      );
      return rows;
    });
  }

  /** What does not add up once nothing is under way; waits for what is written a moment later. */
  async problems(): Promise<LedgerProblem[]> {
    for (let tries = 0; ; tries += 1) {
      const problems = await ledgerProblems(this.#location(), { atRest: true });
      if (problems.length === 0 || tries === 50) return problems;
      await delay(100);
    }
  }

  #variables(): Record<string, string> {
    return {
      TRUNKLINE_DATA_DIR: join(this.#directory, 'data'),
      TRUNKLINE_CONFIG: join(this.#directory, 'trunkline.yaml'),
      TRUNKLINE_ADMIN_KEY: ADMIN_KEY,
      ...(this.#database ? { DATABASE_URL: this.#database.url, DATABASE_SCHEMA: this.#database.schema } : {}),
    };
  }

  #location(): TestDatabase {
    if (this.#database) return this.#database;
    const owner = findEmbeddedOwner(join(this.#directory, 'data'));
    if (!owner) throw new Error('No process runs the embedded database.');
    return { url: owner.url, dataDir: '', schema: 'trunkline', poolSize: 1 };
  }

  async #ask(): Promise<number> {
    this.#asked += 1;
    const mark = `mark-${String(this.#asked)}`;
    const headers = { 'x-request-id': mark };
    const kind = this.#asked % 4;
    const response =
      kind === 0
        ? await this.post('/v1/embeddings', { model: 'lab/vectors', input: mark }, headers)
        : await this.post(
            '/v1/chat/completions',
            { model: 'lab/chat', stream: kind !== 1, max_tokens: 50, messages: [{ role: 'user', content: mark }] },
            headers,
          );
    await response.text();
    return response.status;
  }
}
