import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from '../../src/app.module.js';
import { FirstRunKey } from '../../src/auth/first-run-key.js';
import { GatewayConfig } from '../../src/config/gateway-config.js';
import { loadEnvironment } from '../../src/config/environment.js';
import { ProviderRegistry } from '../../src/providers/provider-registry.js';
import { setupApp } from '../../src/setup-app.js';
import { drainAndClose } from '../../src/shutdown.js';
import { createTestSchema, dropTestSchema, type TestDatabase } from './database.js';
import { ledgerProblems } from './ledger-problems.js';
import { listRoutes } from './list-routes.js';

export interface TestAppOptions {
  /** The models file, as the object its YAML would be. */
  gateway?: object;
  env?: Record<string, string>;
  /** A database to share with other applications, which its owner drops; missing for one of its own. */
  database?: TestDatabase;
}

export interface CallOptions {
  /** The key to send; null for none, missing for the admin's. */
  key?: string | null;
  headers?: Record<string, string>;
  /** The body as it goes out. */
  text?: string;
  signal?: AbortSignal;
}

interface TestJob {
  id: string;
  status: string;
  progress: { done: number; total: number };
  error?: { code: string; message: string };
}

const WAIT_MS = 20_000;

/** The real application on a port of its own, over a schema of its own, and the calls that tests make to it. */
export class TestApp {
  #lastRequestId = '';

  constructor(
    readonly nest: NestExpressApplication,
    readonly url: string,
    readonly adminKey: string,
    private readonly dispose: () => Promise<void>,
  ) {}

  async request(method: string, path: string, options: CallOptions = {}): Promise<Response> {
    const { key = this.adminKey, headers = {}, text, signal } = options;
    const response = await fetch(`${this.url}${path}`, {
      method,
      signal,
      body: text,
      redirect: 'manual',
      headers: {
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        ...(text === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
    });
    this.#lastRequestId = response.headers.get('x-request-id') ?? '';
    return response;
  }

  get(path: string, options?: CallOptions): Promise<Response> {
    return this.request('GET', path, options);
  }

  delete(path: string, options?: CallOptions): Promise<Response> {
    return this.request('DELETE', path, options);
  }

  post(path: string, body: object, options: CallOptions = {}): Promise<Response> {
    return this.request('POST', path, { ...options, text: JSON.stringify(body) });
  }

  /** Polls a job as a client would, until it is over. */
  async waitForJob(id: string, options?: CallOptions): Promise<TestJob> {
    const giveUpAt = performance.now() + WAIT_MS;
    for (;;) {
      const job = (await (await this.get(`/v1/jobs/${id}`, options)).json()) as TestJob;
      if (!['queued', 'running'].includes(job.status)) return job;
      if (performance.now() > giveUpAt) throw new Error(`The job is still ${job.status}.`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  /** A key with the default scopes, in a project of its own when one is named. */
  async createKey(options: { project?: string; scopes?: string[] } = {}): Promise<string> {
    const project =
      options.project === undefined ? undefined : await this.post('/admin/projects', { name: options.project });
    const projectId = project ? ((await project.json()) as { id: string }).id : undefined;
    const made = await this.post('/admin/keys', { name: 'test', project_id: projectId, scopes: options.scopes });
    return ((await made.json()) as { key: string }).key;
  }

  /** The ledger's row of a request (the last one by default), once it is over. */
  async ledgerRow(requestId = this.#lastRequestId): Promise<Record<string, unknown>> {
    const giveUpAt = performance.now() + WAIT_MS;
    for (;;) {
      const response = await this.get(`/v1/usage/requests/${requestId}`);
      const row = response.status === 200 ? ((await response.json()) as Record<string, unknown>) : null;
      if (row && row.status !== 'open') return row;
      if (performance.now() > giveUpAt) throw new Error(`The ledger has no row of ${requestId}.`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  /** Closes every breaker and forgets what credentials did, so that tests do not see each other's faults. */
  resetProviders(): void {
    const registry = this.nest.get(ProviderRegistry);
    for (const { name } of this.nest.get(GatewayConfig).providers) registry.reset(name);
  }

  /** The router's own routes as `METHOD /path`, parameters as `{id}`, sorted. */
  routes(): string[] {
    return listRoutes(this.nest);
  }

  close(): Promise<void> {
    return this.dispose();
  }
}

/** Starts the whole application; close it when the suite is over. */
export async function startTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const database = options.database ?? (await createTestSchema());
  const directory = mkdtempSync(join(tmpdir(), 'trunkline-app-'));
  const file = join(directory, 'trunkline.yaml');
  if (options.gateway) writeFileSync(file, JSON.stringify(options.gateway));
  const environment = loadEnvironment(
    {
      DATABASE_URL: database.url,
      DATABASE_SCHEMA: database.schema,
      DATABASE_POOL_SIZE: String(database.poolSize),
      TRUNKLINE_DATA_DIR: directory,
      LOG_LEVEL: 'silent',
      // The process is that of the tests, too: how late it is says nothing about the application.
      MAX_EVENT_LOOP_DELAY_MS: '0',
      MAX_MEMORY_PERCENT: '0',
      DRAIN_SECONDS: '2',
      PORT: '0',
      ...(options.gateway ? { TRUNKLINE_CONFIG: file } : {}),
      ...options.env,
    },
    directory,
  );
  const nest = await NestFactory.create<NestExpressApplication>(AppModule.forRoot(environment), {
    bodyParser: false,
    abortOnError: false,
    logger: ['error', 'fatal'],
  });
  await setupApp(nest);
  const made = await nest.get(FirstRunKey).ensure();
  await nest.listen(0, '127.0.0.1');
  const server: Server = nest.getHttpServer();
  const { port } = server.address() as AddressInfo;
  return new TestApp(
    nest,
    `http://127.0.0.1:${String(port)}`,
    made?.key ?? environment.auth.adminKey ?? '',
    async () => {
      await drainAndClose(nest);
      // Others may still be at work on a database that is shared.
      const problems = await ledgerProblems(database, { atRest: !options.database });
      if (!options.database) await dropTestSchema(database);
      rmSync(directory, { recursive: true, force: true });
      if (problems.length > 0) throw new Error(`The ledger does not add up: ${JSON.stringify(problems, null, 2)}`);
    },
  );
}
