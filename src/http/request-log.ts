import { Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { describeError } from '../logging/describe-error.js';
import { ProcessLog } from '../logging/process-log.js';

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
  /** Where the request is found among the traces; missing while tracing is off. */
  trace_id?: string;
}

/** Writes one line per request to the log of the process. */
@Injectable()
export class RequestLog {
  readonly #logger: Logger;

  constructor(log: ProcessLog) {
    this.#logger = log.logger;
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
}
