import cluster from 'node:cluster';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { ServerConfig } from './config/server-config.js';
import { AppError } from './core/errors/app-error.js';
import { CRASH_EXIT_CODE, FORCED_EXIT_CODE, SAME_SIGNAL_MS } from './core/stop-signals.js';
import type { WorkerMessage } from './core/worker-messages.js';
import { endCall } from './http/end-call.js';
import { ErrorFilter } from './http/error.filter.js';
import { type OpenCall, OpenCalls } from './http/open-calls.js';
import { describeError } from './logging/describe-error.js';
import { ProcessLog } from './logging/process-log.js';
import { drainAndClose } from './shutdown.js';

/** Who sends requests to this server, or looks whether to, does so more often than this. */
const NOTICED_WITHIN_MS = 60_000;
/** What closing may take beyond the times for answers, so that a database that hangs does not hold the process. */
const CLOSE_MS = 5_000;
const LAST_LINES_MS = 1_000;

/**
 * Ends the process on SIGTERM or SIGINT, cleanly and with 0; a second signal ends it at once. What nobody caught ends it as
 * cleanly, with 1: whoever supervises the process starts another, because nobody knows what the failure left behind.
 */
export function endWithSignals(app: NestExpressApplication): void {
  const end = new ProcessEnd(app);
  process.on('SIGTERM', () => {
    end.onSignal('SIGTERM');
  });
  process.on('SIGINT', () => {
    end.onSignal('SIGINT');
  });
  // Rejections that nobody handles come here, too.
  process.on('uncaughtException', (thrown: unknown) => {
    end.onCrash(thrown);
  });
}

class ProcessEnd {
  readonly #app: NestExpressApplication;
  readonly #calls: OpenCalls;
  readonly #log: ProcessLog;
  readonly #server: ServerConfig;
  #signalledAt: number | null = null;
  #isEnding = false;
  #exitCode = 0;

  constructor(app: NestExpressApplication) {
    this.#app = app;
    this.#calls = app.get(OpenCalls);
    this.#log = app.get(ProcessLog);
    this.#server = app.get(ServerConfig);
  }

  onSignal(signal: 'SIGTERM' | 'SIGINT'): void {
    const now = performance.now();
    if (this.#signalledAt !== null && now - this.#signalledAt > SAME_SIGNAL_MS) process.exit(FORCED_EXIT_CODE);
    this.#signalledAt ??= now;
    // A person at a terminal has no load balancer that has to notice.
    this.#end(signal === 'SIGTERM' ? this.#graceMs() : 0);
  }

  onCrash(thrown: unknown): void {
    const current = this.#calls.current;
    const requestId = current?.call?.id ?? null;
    this.#log.logger.fatal(
      { context: 'Process', request_id: requestId, ...describeError(thrown) },
      'A failure that nobody caught: the process drains and ends.',
    );
    this.#exitCode = CRASH_EXIT_CODE;
    if (!this.#isEnding) {
      // Whom it tells may be gone.
      if (cluster.isWorker) process.send?.({ type: 'leaving' } satisfies WorkerMessage, () => undefined);
      this.#end(this.#graceMs());
    }
    if (current) this.#fail(current, thrown);
  }

  // Nobody can notice who has not asked for a while.
  #graceMs(): number {
    const isWatched = Date.now() - this.#calls.latestAt < NOTICED_WITHIN_MS;
    return isWatched ? this.#server.drainGraceSeconds * 1_000 : 0;
  }

  #fail(call: OpenCall, thrown: unknown): void {
    const message = 'The server failed to process the request. Try again; if it goes on, report the request id.';
    const error = new AppError('internal_error', message, { cause: thrown });
    // An error that is thrown in here would end the process at once.
    setImmediate(() => {
      endCall(call, error, this.#app.get(ErrorFilter));
    });
  }

  #end(graceMs: number): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    const longestMs = graceMs + this.#server.drainSeconds * 1_000 + CLOSE_MS;
    setTimeout(() => {
      process.stderr.write('Trunkline did not stop in time. What requests cost is in its data directory.\n');
      process.exit(CRASH_EXIT_CODE);
    }, longestMs).unref();
    void this.#drain(graceMs);
  }

  async #drain(graceMs: number): Promise<void> {
    try {
      await drainAndClose(this.#app, graceMs);
    } catch (error) {
      this.#exitCode = CRASH_EXIT_CODE;
      this.#log.logger.fatal({ context: 'Process', ...describeError(error) }, 'The process did not stop cleanly.');
    }
    await this.#log.flush(LAST_LINES_MS);
    process.exit(this.#exitCode);
  }
}
