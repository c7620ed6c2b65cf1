import { randomBytes } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findEmbeddedOwner } from '../../../src/database/embedded/embedded-database.js';
import { FakeOpenAi } from '../../fakes/fake-openai.js';
import {
  createTestSchema,
  dropTestSchema,
  runsOnServer,
  type TestDatabase,
  withClient,
} from '../../support/database.js';
import { type CallOptions, TestApp } from '../../support/test-app.js';
import { redisUrl } from '../../support/redis.js';
import { ServerProcess } from '../../support/server-process.js';

const unique = (): string => randomBytes(12).toString('hex');

/** What nobody may ever read again. */
export const SECRETS = {
  adminKey: `admin-canary-${unique()}`,
  providerKey: `sk-canary-provider-${unique()}`,
  echoedKey: `sk-canary-echoed-${unique()}`,
  serverSecret: `canary-of-the-server-${unique()}`,
  toolSecret: `canary-of-a-tool-${unique()}`,
  webhookSecret: `whsec_${randomBytes(32).toString('base64')}`,
  ...(runsOnServer ? { databasePassword: `canary-of-the-database-${unique()}` } : {}),
};

/** The real server in a process of its own with a canary in every place that takes a secret; keeps all that it says. */
export class SecretWorld {
  readonly provider = new FakeOpenAi();
  readonly #directory = mkdtempSync(join(tmpdir(), 'trunkline-secrets-'));
  readonly #echo: Server = createServer((request, response) => {
    // As some do: the refusal repeats the key.
    const key = String(request.headers.authorization);
    const error = {
      message: `Incorrect API key provided: ${key}`,
      type: 'invalid_request_error',
      code: 'invalid_api_key',
    };
    response.writeHead(401, { 'content-type': 'application/json', 'x-echo': key }).end(JSON.stringify({ error }));
  });
  /** Bodies and headers of all answers. */
  readonly answers: string[] = [];
  #server: ServerProcess | null = null;
  #database: TestDatabase | null = null;
  #log = -1;

  async start(): Promise<void> {
    await this.provider.start();
    await new Promise<void>((resolve) => this.#echo.listen(0, '127.0.0.1', resolve));
    if (runsOnServer) this.#database = await createTestSchema();
    const echoUrl = `http://127.0.0.1:${String((this.#echo.address() as AddressInfo).port)}/v1`;
    const gateway = {
      providers: {
        openai: { type: 'openai', base_url: this.provider.url, api_keys: [SECRETS.providerKey] },
        echo: { type: 'openai-compatible', base_url: echoUrl, api_keys: [SECRETS.echoedKey] },
      },
    };
    writeFileSync(join(this.#directory, 'trunkline.yaml'), JSON.stringify(gateway));
    this.#log = openSync(this.#logFile, 'w');
    this.#server = await ServerProcess.start(this.#variables(), { stdout: this.#log });
  }

  async stop(): Promise<void> {
    await this.#server?.end('SIGTERM');
    closeSync(this.#log);
    this.#echo.closeAllConnections();
    this.#echo.close();
    await this.provider.stop();
    if (this.#database) await dropTestSchema(this.#database);
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** The calls that tests make, to the process. */
  get app(): TestApp {
    const app = new TestApp(null as never, this.#server?.url ?? '', SECRETS.adminKey, () => Promise.resolve());
    const request = app.request.bind(app);
    app.request = async (method: string, path: string, options?: CallOptions) => {
      const response = await request(method, path, options);
      this.answers.push(`${path}\n${JSON.stringify([...response.headers])}\n${await response.clone().text()}`);
      return response;
    };
    return app;
  }

  get isAlive(): boolean {
    return this.#server?.pid !== undefined && process.kill(this.#server.pid, 0);
  }

  /** All that was logged, and what was printed beside. */
  get output(): { log: string; printed: string } {
    return { log: readFileSync(this.#logFile, 'utf8'), printed: this.#server?.printed ?? '' };
  }

  /** The lines of the log with a word in them, as soon as there are any; it is written a moment after the answer. */
  async logged(word: string): Promise<string> {
    for (const giveUpAt = performance.now() + 20_000; ;) {
      const lines = this.output.log.split('\n').filter((line) => line.includes(word));
      if (lines.length > 0 || performance.now() > giveUpAt) return lines.join('\n');
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  /** Every row of every table as text, by the table's name. */
  dump(): Promise<Map<string, string>> {
    return this.query(async (ask) => {
      const tables = await ask<{ name: string }>(
        `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ($1, $2) order by 1`,
        [this.#schema, `${this.#schema}_jobs`],
      );
      const texts = new Map<string, string>();
      for (const { name } of tables) {
        const rows = await ask<{ text: string }>(`select t::text as text from ${name} t`, []);
        texts.set(name.slice(name.indexOf('.') + 1), rows.map(({ text }) => text).join('\n'));
      }
      return texts;
    });
  }

  query<T>(work: (ask: <Row>(text: string, parameters: unknown[]) => Promise<Row[]>) => Promise<T>): Promise<T> {
    const owner = this.#database ? null : findEmbeddedOwner(this.#directory);
    const database = this.#database ?? {
      ...{ url: owner?.url ?? '', dataDir: this.#directory, schema: this.#schema, poolSize: 1 },
    };
    return withClient(database, (client) =>
      work(async <Row>(text: string, parameters: unknown[]) => (await client.query(text, parameters)).rows as Row[]),
    );
  }

  get #schema(): string {
    return this.#database?.schema ?? 'trunkline';
  }

  get #logFile(): string {
    return join(this.#directory, 'stdout.log');
  }

  #variables(): Record<string, string> {
    return {
      TRUNKLINE_DATA_DIR: this.#directory,
      TRUNKLINE_CONFIG: join(this.#directory, 'trunkline.yaml'),
      TRUNKLINE_ADMIN_KEY: SECRETS.adminKey,
      TRUNKLINE_SECRET: SECRETS.serverSecret,
      LOG_LEVEL: 'trace',
      ...(this.#database && { DATABASE_URL: withPassword(this.#database.url), DATABASE_SCHEMA: this.#database.schema }),
      ...(redisUrl !== null && { REDIS_URL: redisUrl }),
    };
  }
}

function withPassword(text: string): string {
  const url = new URL(text);
  // Where a password is asked for, the suite's own has to do.
  if (url.password === '') url.password = SECRETS.databasePassword ?? '';
  return url.href;
}
