import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { type Logger, pino } from 'pino';
import { ServerConfig } from '../config/server-config.js';

/** What is logged about one request: never bodies, prompts or secrets. Fields that are not known are null. */
export interface RequestLogEntry {
  request_id: string;
  method: string;
  /** The router's pattern, never the path. */
  route: string;
  status: number;
  ms: number;
  key_id: string | null;
  project_id: string | null;
  /** Who answered, else who was asked last. */
  provider: string | null;
  model: string | null;
  attempts: number;
  input_tokens: number | null;
  output_tokens: number | null;
  cost_usd: string | null;
  /** The code of the error that ended the request, also when the head was sent before it. */
  error: string | null;
}

// Two megabytes of lines may wait for a slow reader; what comes beyond is lost, and the server goes on.
const BUFFER_BYTES = 2 * 1024 * 1024;

/** Writes one JSON line per request to standard output, never blocking the event loop. */
@Injectable()
export class RequestLog implements OnApplicationShutdown {
  readonly #destination = pino.destination({ dest: 1, sync: false, maxLength: BUFFER_BYTES });
  readonly #logger: Logger;

  constructor(server: ServerConfig) {
    this.#logger = pino(
      {
        level: server.logLevel,
        base: undefined,
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
      },
      this.#destination,
    );
  }

  /** One finished request. A stream that broke after its head is a warning: its status tells of nothing. */
  request(entry: RequestLogEntry): void {
    if (entry.status >= 500) this.#logger.error(entry, 'request');
    else if (entry.status < 400 && entry.error !== null) this.#logger.warn(entry, 'request');
    else this.#logger.info(entry, 'request');
  }

  /** A failure that is nobody's but ours, with its stack; the client saw only the request id. */
  failure(requestId: string, thrown: unknown): void {
    this.#logger.error({ request_id: requestId, ...describeError(thrown) }, 'unexpected failure');
  }

  onApplicationShutdown(): void {
    this.#destination.flush();
  }
}

// Only name, code and stack: errors of drivers carry queries and their parameters in other members.
function describeError(thrown: unknown): Record<string, unknown> {
  if (!(thrown instanceof Error)) return { error: typeof thrown };
  const code = (thrown as { code?: unknown }).code;
  return {
    error: thrown.name,
    error_code: typeof code === 'string' ? code : undefined,
    stack: thrown.stack,
    cause: thrown.cause instanceof Error ? thrown.cause.stack : undefined,
  };
}
