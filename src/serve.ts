import 'reflect-metadata';
import cluster from 'node:cluster';
import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import { ConsoleLogger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from './app.module.js';
import { FirstRunKey } from './auth/first-run-key.js';
import { renderBanner } from './banner.js';
import type { Environment } from './config/environment.js';
import type { WorkerMessage } from './core/worker-messages.js';
import { setupApp } from './setup-app.js';
import { shutDownOnSignals } from './shutdown.js';
import { type ListenAddress, ListenError } from './start-failure.js';
import { VERSION } from './version.js';

/** Starts the server in this process. Rejects when it cannot start. */
export async function serve(environment: Environment): Promise<void> {
  const app = await NestFactory.create<NestExpressApplication>(AppModule.forRoot(environment), {
    bodyParser: false,
    abortOnError: false,
    // What is logged on the way to a start that fails only repeats the one message about it.
    bufferLogs: true,
    autoFlushLogs: false,
    logger: new ConsoleLogger({ json: true, logLevels: ['warn', 'error', 'fatal'] }),
  });
  await setupApp(app);
  const firstRunKey = (await app.get(FirstRunKey).ensure())?.key ?? null;
  shutDownOnSignals(app);
  await listen(app, environment.server, firstRunKey);
  app.flushLogs();
  if (cluster.isWorker) process.send?.({ type: 'ready' } satisfies WorkerMessage);
  // The first worker speaks for all; a key that another one made can be shown by nobody else.
  if (cluster.isPrimary || cluster.worker?.id === 1 || firstRunKey !== null) announce(app, environment, firstRunKey);
}

async function listen(app: NestExpressApplication, address: ListenAddress, madeKey: string | null): Promise<void> {
  try {
    await app.listen(address.port, address.host);
  } catch (error) {
    await app.close();
    throw new ListenError(address, error, madeKey);
  }
}

// To standard error: standard output is for the log, where every line is JSON.
function announce(app: NestExpressApplication, environment: Environment, firstRunKey: string | null): void {
  const server: Server = app.getHttpServer();
  const { port } = server.address() as AddressInfo;
  process.stderr.write(
    renderBanner({
      version: VERSION,
      url: `http://${reachableHost(environment.server.host)}:${String(port)}`,
      database: environment.database.url === null ? `embedded, in ${environment.database.dataDir}` : 'PostgreSQL',
      gateway: environment.gateway,
      firstRunKey,
      hasPresetKey: environment.auth.adminKey !== null,
      startedInMs: performance.now(),
    }),
  );
}

function reachableHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
