import { Injectable } from '@nestjs/common';
import { type Logger, pino } from 'pino';
import { ServerConfig } from '../config/server-config.js';
import { Telemetry } from '../core/telemetry/telemetry.js';
import { BoundedLines } from './bounded-lines.js';
import { SecretRedaction } from './redact-secrets.js';
import { StandardOutput } from './standard-output.js';

/**
 * The log of the process: lines of JSON on standard output with `level`, `time`, `msg` and fields by kind, free of credentials.
 * Nothing ever waits for it: lines that nobody takes are lost and counted.
 */
@Injectable()
export class ProcessLog {
  readonly #redaction = new SecretRedaction();
  readonly #lines: BoundedLines;
  readonly #logger: Logger;

  constructor(server: ServerConfig, telemetry: Telemetry) {
    this.#lines = new BoundedLines(new StandardOutput(), {
      lost: (lines) => {
        telemetry.logLinesDropped({ lines });
      },
      recovered: (lines) => {
        this.#logger.warn({ context: 'Log', lines }, 'Lines of the log were lost: nobody took them.');
      },
    });
    const format = {
      level: server.logLevel,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label: string) => ({ level: label }) },
    };
    this.#logger = pino(format, {
      write: (line: string) => {
        this.#lines.write(this.#redaction.clean(line));
      },
    });
  }

  get logger(): Logger {
    return this.#logger;
  }

  /** Secrets that the configuration holds, which no line may show however they look. */
  hideSecrets(secrets: readonly string[]): void {
    this.#redaction.hide(secrets);
  }

  /** Resolves when everything so far is out or lost, after `withinMs` at the latest. */
  flush(withinMs: number): Promise<void> {
    return this.#lines.flush(withinMs);
  }
}
