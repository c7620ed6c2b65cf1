import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Behaviour } from '../../fakes/behaviour.js';
import { FakeAnthropic } from '../../fakes/fake-anthropic.js';
import { FakeOpenAi } from '../../fakes/fake-openai.js';
import { cutConnection, resetConnection, sendJson } from '../../fakes/send-answer.js';
import { type TestDatabase, withClient } from '../database.js';
import { ServerProcess } from '../server-process.js';

const ADMIN_KEY = 'mixed-load-admin-key';
const PIECES = Array.from({ length: 8 }, (_, index) => ` word-${String(index)}`);
const EVENT_MS = 4;
const REPLY = { pieces: PIECES, eventDelayMs: EVENT_MS };

/** The real server, as a process of its own on a PostgreSQL and a Redis, before a vendor that fails at times and one that does not. */
export class MixedServer {
  readonly flaky = new FakeOpenAi();
  readonly steady = new FakeAnthropic();
  readonly #directory = mkdtempSync(join(tmpdir(), 'trunkline-mixed-'));
  readonly #schema = `test_${randomBytes(6).toString('hex')}`;
  #server: ServerProcess | null = null;
  #key = ADMIN_KEY;

  constructor(
    private readonly databaseUrl: string,
    private readonly redisUrl: string,
  ) {}

  /** Starts all of it; `random` decides which share of the flaky vendor's answers are faults. */
  async open(random: () => number, faultShare: number): Promise<void> {
    await Promise.all([this.flaky.start(), this.steady.start()]);
    this.flaky.behave({ choose: () => (random() < faultShare ? faultOf(random()) : { reply: REPLY }) }).forever();
    this.steady.reply(REPLY).forever();
    const gateway = {
      providers: {
        lab: { type: 'openai-compatible', base_url: this.flaky.url, api_keys: ['sk-lab'] },
        spare: { type: 'anthropic', base_url: this.steady.url, api_keys: ['sk-spare'] },
      },
      models: {
        mixed: { targets: ['lab/chat', 'spare/chat'], timeouts: { idle_ms: 1_000, first_content_ms: 2_000 } },
      },
      prices: {
        'lab/chat': { input: 1, output: 2 },
        'lab/vectors': { input: 1, output: 0 },
        'spare/chat': { input: 3, output: 5 },
      },
    };
    writeFileSync(join(this.#directory, 'trunkline.yaml'), JSON.stringify(gateway));
    this.#server = await ServerProcess.start({
      TRUNKLINE_DATA_DIR: join(this.#directory, 'data'),
      TRUNKLINE_CONFIG: join(this.#directory, 'trunkline.yaml'),
      TRUNKLINE_ADMIN_KEY: ADMIN_KEY,
      TRUNKLINE_SECRET: 'a secret of the tests, long enough for it',
      DATABASE_URL: this.databaseUrl,
      DATABASE_SCHEMA: this.#schema,
      REDIS_URL: this.redisUrl,
      LOG_LEVEL: 'fatal',
    });
    const made = await this.call('POST', '/admin/keys', {
      name: 'limited, with budgets',
      limits: { requests_per_minute: 1_000_000, concurrency: 1_000 },
      budgets: [
        { window: 'total', amount_usd: 10_000 },
        { window: 'day', amount_usd: 10_000 },
      ],
    });
    if (made.status !== 201) throw new Error(`There is no key: ${await made.text()}`);
    this.#key = ((await made.json()) as { key: string }).key;
  }

  async close(): Promise<number | null> {
    const code = (await this.#server?.end('SIGTERM')) ?? null;
    await Promise.all([this.flaky.stop(), this.steady.stop()]);
    await withClient(this.database, async (client) => {
      await client.query(`drop schema if exists "${this.#schema}_jobs" cascade`);
      await client.query(`drop schema if exists "${this.#schema}" cascade`);
    });
    rmSync(this.#directory, { recursive: true, force: true });
    return code;
  }

  /** True while the process that was started runs. */
  get isAlive(): boolean {
    return this.pid !== undefined && readdirSync('/proc').includes(String(this.pid));
  }

  get pid(): number | undefined {
    return this.#server?.pid;
  }

  /** The end of what the process printed. */
  get printed(): string {
    return this.#server?.printed ?? '';
  }

  get url(): string {
    return this.#server?.url ?? '';
  }

  get key(): string {
    return this.#key;
  }

  get database(): TestDatabase {
    return { url: this.databaseUrl, dataDir: tmpdir(), schema: this.#schema, poolSize: 5 };
  }

  call(
    method: string,
    path: string,
    body?: object,
    options: { headers?: Record<string, string>; signal?: AbortSignal } = {},
  ): Promise<Response> {
    return fetch(this.url + path, {
      method,
      signal: options.signal,
      headers: { authorization: `Bearer ${this.#key}`, 'content-type': 'application/json', ...options.headers },
      ...(body && { body: JSON.stringify(body) }),
    });
  }

  /** Memory in bytes and open descriptors of the process, by the kernel. */
  usage(): { residentBytes: number; descriptors: number } {
    const status = readFileSync(`/proc/${String(this.pid)}/status`, 'utf8');
    return {
      residentBytes: Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024,
      descriptors: readdirSync(`/proc/${String(this.pid)}/fd`).length,
    };
  }
}

/** One of the faults of the vendor, as the number from 0 up to 1 chooses. */
function faultOf(chance: number): Behaviour {
  const faults: Behaviour[] = [
    failure(500),
    failure(503),
    failure(429, { 'retry-after': '1' }),
    { instead: resetConnection },
    { instead: cutConnection },
    { reply: REPLY, truncatesJson: true, interruption: { after: 3, how: 'reset' } },
    { reply: REPLY, truncatesJson: true, interruption: { after: 3, how: 'cut' } },
    { reply: REPLY, interruption: { after: 2, how: 'error-frame' } },
    // Silence, which the timers of the model end.
    { reply: REPLY, interruption: { after: 2, how: 'stall', released: new Promise(() => undefined) } },
  ];
  return faults[Math.floor(chance * faults.length)] ?? {};
}

function failure(status: number, headers: Record<string, string> = {}): Behaviour {
  return {
    instead: (exchange) =>
      sendJson(exchange, { status, body: exchange.vendor.errorBody(status, exchange.request) }, {}, headers),
  };
}
