import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import { findEmbeddedOwner } from '../../src/database/embedded/embedded-database.js';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import { FakeToolServer } from '../fakes/fake-tool-server.js';
import { dropTestSchema, type TestDatabase, withClient } from './database.js';
import { ServerProcess } from './server-process.js';

const ADMIN_KEY = 'batch-bench-admin-key';

/** Lines that the server works on at once. */
export const LINES_AT_ONCE = 8;

/** A batch as it is shown. */
export interface BenchBatch {
  id: string;
  status: string;
  output_file_id?: string;
  request_counts: { total: number; completed: number; failed: number };
  webhook?: { secret: string };
}

interface BenchResult {
  custom_id: string;
  response: { body: { choices: { message: { content: string } }[] } } | null;
}

/** A server process that works on batches, over a database that outlives it, between a fake provider and a receiver. */
export class BatchBench {
  readonly provider = new FakeOpenAi();
  readonly receiver = new FakeToolServer();
  readonly #directory = mkdtempSync(join(tmpdir(), 'trunkline-batches-'));
  readonly #database: TestDatabase | null;
  readonly #variables: Readonly<Record<string, string>>;
  #server: ServerProcess | null = null;
  #hung: ServerProcess | null = null;

  /** On a PostgreSQL server when its URL is given, else on an embedded database of its own. */
  constructor(databaseUrl: string | undefined, variables: Readonly<Record<string, string>> = {}) {
    const schema = `test_${randomBytes(6).toString('hex')}`;
    this.#database = databaseUrl === undefined ? null : { url: databaseUrl, dataDir: tmpdir(), schema, poolSize: 5 };
    this.#variables = variables;
  }

  async open(answerMs: number): Promise<void> {
    await Promise.all([this.provider.start(), this.receiver.start()]);
    this.provider.reply({ text: 'Yes.', delayMs: answerMs }).forever();
    const gateway = {
      providers: { lab: { type: 'openai-compatible', base_url: this.provider.url, api_keys: ['sk'] } },
      prices: { 'lab/chat': { input: 1, output: 2 } },
    };
    writeFileSync(join(this.#directory, 'trunkline.yaml'), JSON.stringify(gateway));
    await this.start();
  }

  async close(): Promise<void> {
    await Promise.all([this.kill(), this.#hung?.end()]);
    await this.provider.stop();
    this.receiver.stop();
    if (this.#database) await dropTestSchema(this.#database);
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async start(): Promise<void> {
    this.#server = await ServerProcess.start({
      TRUNKLINE_DATA_DIR: join(this.#directory, 'data'),
      TRUNKLINE_CONFIG: join(this.#directory, 'trunkline.yaml'),
      TRUNKLINE_ADMIN_KEY: ADMIN_KEY,
      TRUNKLINE_SECRET: 'a secret of the tests, long enough for it',
      EGRESS_ALLOW: '127.0.0.1/32',
      BATCH_CONCURRENCY: String(LINES_AT_ONCE),
      ...this.#variables,
      ...(this.#database ? { DATABASE_URL: this.#database.url, DATABASE_SCHEMA: this.#database.schema } : {}),
    });
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    await this.#server?.end();
    this.#server = null;
  }

  /** `kill -STOP`: the process hangs, until it is woken up; another one can be started. */
  hang(): void {
    this.#hung = this.#server;
    this.#signalHung('SIGSTOP');
    this.#server = null;
  }

  /** `kill -CONT`. */
  wake(): void {
    this.#signalHung('SIGCONT');
  }

  /** What the process has in memory, in bytes, by the kernel. */
  residentBytes(): number {
    const status = readFileSync(`/proc/${String(this.#server?.pid)}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
  }

  /** Uploads so many requests and makes a batch of them, whose end the receiver is told. */
  async createFromFile(lines: number, words = 1): Promise<BenchBatch> {
    const form = new FormData();
    form.append('purpose', 'batch');
    const text = Array.from({ length: lines }, (_, number) => `${JSON.stringify(lineOf(number, words))}\n`);
    form.append('file', new Blob(text), 'lines.jsonl');
    const { id } = (await (await this.call('/v1/files', { method: 'POST', body: form })).json()) as { id: string };
    const body = {
      ...{ input_file_id: id, endpoint: '/v1/chat/completions', completion_window: '24h' },
      webhook_url: `${this.receiver.url}/over`,
    };
    const headers = { 'content-type': 'application/json' };
    const made = await this.call('/v1/batches', { method: 'POST', headers, body: JSON.stringify(body) });
    return (await made.json()) as BenchBatch;
  }

  async show(id: string): Promise<BenchBatch> {
    return (await (await this.call(`/v1/batches/${id}`)).json()) as BenchBatch;
  }

  /** Polls a batch until it is over. */
  async untilOver(id: string, look: () => void = () => undefined): Promise<BenchBatch> {
    for (;;) {
      const batch = await this.show(id);
      if (['completed', 'failed', 'expired', 'cancelled'].includes(batch.status)) return batch;
      look();
      await delay(50);
    }
  }

  /** The `custom_id` of every result, in order. */
  async resultIds(id: string): Promise<string[]> {
    return (await this.#results(id)).map(({ custom_id: customId }) => customId).sort();
  }

  /** What the model said to every line. */
  async resultTexts(id: string): Promise<(string | undefined)[]> {
    return (await this.#results(id)).map(({ response }) => response?.body.choices[0]?.message.content);
  }

  /** Waits for so many calls of a batch in the ledger. */
  async untilCalls(id: string, count: number): Promise<void> {
    for (let found = 0; found < count;) {
      const page = await this.call(`/admin/requests?tag=batch:${id}&limit=100`);
      found = ((await page.json()) as { data: unknown[] }).data.length;
      await delay(50);
    }
  }

  /** The ids and types of what the receiver was told, each verified; waits for the first. */
  async told(secret: string): Promise<{ id: string; type: string }[]> {
    await this.receiver.waitForVisits(1);
    return this.receiver.visits.map(({ body, headers }) => {
      const event = new Webhook(secret).verify(body, headers as Record<string, string>) as { type: string };
      return { id: String(headers['webhook-id']), type: event.type };
    });
  }

  /** Puts the jobs of a process that was killed back in the queue, as would happen when it is missed long enough. */
  async requeueLost(): Promise<void> {
    const { schema } = this.#location();
    await withClient(this.#location(), (client) =>
      client.query(
        `update "${schema}_jobs".job set start_after = now(), retry_count = retry_count + (state = 'active')::int,
           state = 'retry' where state in ('active', 'retry') and retry_count < retry_limit`,
      ),
    );
  }

  async call(
    path: string,
    init: Omit<RequestInit, 'headers'> & { headers?: Record<string, string> } = {},
  ): Promise<Response> {
    const headers = { authorization: `Bearer ${ADMIN_KEY}`, ...init.headers };
    const response = await fetch(`${this.#server?.url ?? 'http://127.0.0.1:1'}${path}`, { ...init, headers });
    if (!response.ok) throw new Error(`${path}: ${String(response.status)} ${await response.text()}`);
    return response;
  }

  async #results(id: string): Promise<BenchResult[]> {
    const text = await (await this.call(`/v1/batches/${id}/results`)).text();
    const lines = text.split('\n').filter((line) => line !== '');
    return lines.map((line) => JSON.parse(line) as BenchResult);
  }

  #signalHung(signal: NodeJS.Signals): void {
    if (this.#hung?.pid !== undefined) process.kill(this.#hung.pid, signal);
  }

  #location(): TestDatabase {
    if (this.#database) return this.#database;
    const owner = findEmbeddedOwner(join(this.#directory, 'data'));
    if (!owner) throw new Error('No process runs the embedded database.');
    return { url: owner.url, dataDir: '', schema: 'trunkline', poolSize: 1 };
  }
}

/** All ids of so many lines, sorted. */
export function idsOf(lines: number): string[] {
  return Array.from({ length: lines }, (_, number) => `line-${String(number)}`).sort();
}

function lineOf(number: number, words: number): object {
  const content = `line-${String(number)} ${'word '.repeat(words)}`;
  return {
    custom_id: `line-${String(number)}`,
    method: 'POST',
    url: '/v1/chat/completions',
    body: { model: 'lab/chat', max_tokens: 20, messages: [{ role: 'user', content }] },
  };
}
