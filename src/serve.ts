import 'reflect-metadata';
import cluster from 'node:cluster';
import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from './app.module.js';
import { FirstRunKey } from './auth/first-run-key.js';
import { renderBanner } from './banner.js';
import type { Environment } from './config/environment.js';
import { secretsOf } from './config/secrets-of.js';
import type { WorkerMessage } from './core/worker-messages.js';
import { takesRequests } from './core/process-role.js';
import { NestLogger } from './logging/nest-logger.js';
import { ProcessLog } from './logging/process-log.js';
import { endWithSignals } from './process-end.js';
import { setupApp } from './setup-app.js';
import { type ListenAddress, ListenError } from './start-failure.js';
import { VERSION } from './version.js';

const TELL_AGAIN_MS = 60_000;

/** Starts the server in this process. Rejects when it cannot start. */
export async function serve(environment: Environment): Promise<void> {
  const app = await NestFactory.create<NestExpressApplication>(AppModule.forRoot(environment), {
    bodyParser: false,
    abortOnError: false,
    // What is logged on the way to a start that fails only repeats the one message about it.
    bufferLogs: true,
    autoFlushLogs: false,
  });
  app.useLogger(app.get(NestLogger));
  app.get(ProcessLog).hideSecrets(secretsOf(environment));
  await setupApp(app);
  // Who makes the first key shows it: the one that requests come to.
  const firstRunKey = takesRequests(environment.server.role)
    ? ((await app.get(FirstRunKey).ensure())?.key ?? null)
    : null;
  endWithSignals(app);
  await listen(app, environment.server, firstRunKey);
  watchPort(app.getHttpServer());
  app.flushLogs();
  if (cluster.isWorker) process.send?.({ type: 'ready' } satisfies WorkerMessage, () => undefined);
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

// A server that cannot take a connection, such as for want of file descriptors, says so each time, and tries again by itself.
function watchPort(server: Server): void {
  const logger = new Logger('Port');
  let toldAt = -Infinity;
  server.on('error', (error) => {
    if (performance.now() - toldAt < TELL_AGAIN_MS) return;
    toldAt = performance.now();
    logger.error(`Connections cannot be taken: ${error.message}`);
  });
}

// To standard error: standard output is for the log, where every line is JSON.
function announce(app: NestExpressApplication, environment: Environment, firstRunKey: string | null): void {
  const server: Server = app.getHttpServer();
  const { port } = server.address() as AddressInfo;
  process.stderr.write(
    renderBanner({
      version: VERSION,
      role: environment.server.role,
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
