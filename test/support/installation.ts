import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from '../../src/app.module.js';
import { FirstRunKey } from '../../src/auth/first-run-key.js';
import { type Environment, loadEnvironment } from '../../src/config/environment.js';
import type { Command } from '../../src/maintenance/command.js';
import { setupApp } from '../../src/setup-app.js';
import { drainAndClose } from '../../src/shutdown.js';
import { TestApp } from './test-app.js';

/** What an operator has: variables, a models file, and a data directory that outlives the server. */
export class Installation {
  readonly directory = mkdtempSync(join(tmpdir(), 'trunkline-installation-'));
  /** What commands printed. */
  readonly printed: string[] = [];
  readonly #running = new Set<NestExpressApplication>();

  constructor(
    gateway: object,
    private readonly variables: Readonly<Record<string, string>> = {},
  ) {
    writeFileSync(join(this.directory, 'trunkline.yaml'), JSON.stringify(gateway));
  }

  get dataDir(): string {
    return join(this.directory, 'data');
  }

  /** The configuration; `over` on top of the variables. */
  environment(over: Readonly<Record<string, string>> = {}): Environment {
    const base = { TRUNKLINE_CONFIG: 'trunkline.yaml', TRUNKLINE_DATA_DIR: 'data', LOG_LEVEL: 'silent', PORT: '0' };
    const drain = { DRAIN_SECONDS: '2', DRAIN_GRACE_SECONDS: '0' };
    return loadEnvironment({ ...base, ...drain, ...this.variables, ...over }, this.directory);
  }

  /** The server; the embedded database under the data directory where `over` names no other. */
  async start(over: Readonly<Record<string, string>> = {}): Promise<TestApp> {
    const nest = await NestFactory.create<NestExpressApplication>(AppModule.forRoot(this.environment(over)), {
      bodyParser: false,
      abortOnError: false,
      logger: ['error', 'fatal'],
    });
    this.#running.add(nest);
    await setupApp(nest);
    const made = await nest.get(FirstRunKey).ensure();
    await nest.listen(0, '127.0.0.1');
    const server: Server = nest.getHttpServer();
    const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    return new TestApp(nest, url, made?.key ?? '', () => this.#stop(nest));
  }

  /** Runs a command as `npm run` would; resolves to its exit code. */
  run(command: Command, words: string[], over: Readonly<Record<string, string>> = {}): Promise<number> {
    this.printed.length = 0;
    const print = (line: string): void => void this.printed.push(line);
    return command({ environment: this.environment(over), words, version: '9.9.9', print });
  }

  /** Stops what still runs and removes all of it. */
  async remove(): Promise<void> {
    for (const nest of this.#running) await this.#stop(nest);
    rmSync(this.directory, { recursive: true, force: true });
  }

  async #stop(nest: NestExpressApplication): Promise<void> {
    this.#running.delete(nest);
    await drainAndClose(nest);
  }
}
