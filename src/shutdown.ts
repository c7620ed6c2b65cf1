import type { Server } from 'node:http';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { ChatSockets } from './chat-api/websocket/chat-sockets.service.js';
import { ServerConfig } from './config/server-config.js';
import { Clock } from './core/clock.js';
import { DrainState } from './core/drain-state.js';
import { AppError } from './core/errors/app-error.js';
import { endCall } from './http/end-call.js';
import { ErrorFilter } from './http/error.filter.js';
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
  const grace = app.get(Clock).sleep(graceMs);
  await Promise.all([grace.then(() => closePort(app)), jobs]);
  await app.close();
}

async function closePort(app: NestExpressApplication): Promise<void> {
  const server: Server = app.getHttpServer();
  if (!server.listening) return;
  const clock = app.get(Clock);
  const open = app.get(OpenCalls);
  const sockets = app.get(ChatSockets);
  sockets.drain();
  const closed = new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
  // Idle keep-alive connections would hold the port's close back until they time out.
  const sweep = setInterval(() => {
    server.closeIdleConnections();
  }, SWEEP_MS);
  const drainMs = app.get(ServerConfig).drainSeconds * 1000;
  const cancelTelling = clock.schedule(() => {
    tellAll(app);
  }, drainMs);
  const cancelCut = clock.schedule(() => {
    server.closeAllConnections();
    sockets.cut();
  }, drainMs + FAREWELL_MS);
  const endsAt = clock.monotonic() + drainMs + FAREWELL_MS;
  await closed;
  clearInterval(sweep);
  cancelCut();
  // Answers that are kept for their clients go on without a connection, and are told to end like the others.
  while (open.size > 0 && clock.monotonic() < endsAt) await clock.sleep(SWEEP_MS);
  cancelTelling();
  // A connection that was cut closes the books of its call a moment later, and they must be closed before the database.
  for (let waits = 0; open.size > 0 && waits < MOST_WAITS; waits += 1) await clock.sleep(SWEEP_MS);
}

function tellAll(app: NestExpressApplication): void {
  const errors = app.get(ErrorFilter);
  const error = new AppError('server_shutting_down', 'The server is shutting down. Send the request again.', {
    retryAfterMs: RETRY_AFTER_MS,
  });
  for (const call of app.get(OpenCalls).all()) endCall(call, error, errors);
}
