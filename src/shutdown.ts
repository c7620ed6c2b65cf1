import type { Server } from 'node:http';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { ServerConfig } from './config/server-config.js';
import { DrainState } from './core/drain-state.js';

/** Exit code of a process that was told twice to stop. */
const FORCED_EXIT_CODE = 130;
/** Under npm one Ctrl-C arrives twice, from the terminal and from npm; a person's second one comes later. */
const SAME_SIGNAL_MS = 1_000;

/**
 * Ends the server on SIGTERM or SIGINT: readiness turns 503, the port closes, answers under way may finish within
 * `DRAIN_SECONDS`, then everything is closed and the process exits 0. A second signal exits at once.
 */
export function shutDownOnSignals(app: NestExpressApplication): void {
  let stoppingSince: number | null = null;
  const stop = (): void => {
    const now = performance.now();
    if (stoppingSince !== null) {
      if (now - stoppingSince > SAME_SIGNAL_MS) process.exit(FORCED_EXIT_CODE);
      return;
    }
    stoppingSince = now;
    void drainAndClose(app).then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`Trunkline did not stop cleanly: ${String(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

/** Lets answers under way finish, then closes the application with all its connections. */
export async function drainAndClose(app: NestExpressApplication): Promise<void> {
  app.get(DrainState).begin();
  const server: Server = app.getHttpServer();
  await closePort(server, app.get(ServerConfig).drainSeconds * 1000);
  await app.close();
}

async function closePort(server: Server, drainMs: number): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
  // Idle keep-alive connections would hold the port's close back until they time out.
  server.closeIdleConnections();
  const sweep = setInterval(() => {
    server.closeIdleConnections();
  }, 100);
  const cut = setTimeout(() => {
    server.closeAllConnections();
  }, drainMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(cut);
}
