import type { Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { ChatSockets } from './chat-api/websocket/chat-sockets.service.js';
import { ServerConfig } from './config/server-config.js';
import { DrainState } from './core/drain-state.js';
import { AppError } from './core/errors/app-error.js';
import { OpenCalls } from './http/open-calls.js';
import { JobQueue } from './jobs/job-queue.js';

const SWEEP_MS = 100;
/** What clients that did not get a whole answer may take to read why. */
const FAREWELL_MS = 1_000;
const RETRY_AFTER_MS = 1_000;
const MOST_WAITS = 10;

/**
 * Lets answers and jobs under way finish within `DRAIN_SECONDS`, ends the other answers with `server_shutting_down`, then
 * closes the application with all its connections. For `graceMs` before that, requests are still taken, while readiness says
 * 503 and connections are not kept.
 */
export async function drainAndClose(app: NestExpressApplication, graceMs = 0): Promise<void> {
  app.get(DrainState).begin();
  const jobs = app.get(JobQueue).drain();
  await Promise.all([delay(graceMs).then(() => closePort(app)), jobs]);
  await app.close();
}

async function closePort(app: NestExpressApplication): Promise<void> {
  const server: Server = app.getHttpServer();
  if (!server.listening) return;
  const open = app.get(OpenCalls);
  const sockets = app.get(ChatSockets);
  sockets.drain();
  const closed = new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
  // Idle keep-alive connections would hold the port's close back until they time out.
  server.closeIdleConnections();
  const sweep = setInterval(() => {
    server.closeIdleConnections();
  }, SWEEP_MS);
  const drainMs = app.get(ServerConfig).drainSeconds * 1000;
  const tell = setTimeout(() => {
    open.abortAll(
      new AppError('server_shutting_down', 'The server is shutting down. Send the request again.', {
        retryAfterMs: RETRY_AFTER_MS,
      }),
    );
  }, drainMs);
  const cut = setTimeout(() => {
    server.closeAllConnections();
    sockets.cut();
  }, drainMs + FAREWELL_MS);
  const endsAt = performance.now() + drainMs + FAREWELL_MS;
  await closed;
  clearInterval(sweep);
  clearTimeout(cut);
  // Answers that are kept for their clients go on without a connection, and are told to end like the others.
  while (open.size > 0 && performance.now() < endsAt) await delay(SWEEP_MS);
  clearTimeout(tell);
  // A connection that was cut closes the books of its call a moment later, and they must be closed before the database.
  for (let waits = 0; open.size > 0 && waits < MOST_WAITS; waits += 1) await delay(SWEEP_MS);
}
