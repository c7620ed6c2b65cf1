import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { Logger } from '@nestjs/common';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { TraceExportConfig } from '../config/tracing-config.js';
import type { Clock } from '../core/clock.js';

type ExportResult = Parameters<Parameters<OTLPTraceExporter['export']>[1]>[0];

/** The exporter ends by itself in time, unless the collector answers drop by drop. */
const GRACE_MS = 1_000;
const TOO_LATE = 'it did not answer in time';
const ERROR_CODE = /^[A-Z][A-Z0-9_]{1,40}$/;

/** Posts batches of spans to the collector as OTLP in protobuf. Whatever the collector does, it takes bounded time and memory. */
export class SpanSender {
  readonly #logger = new Logger('Tracing');
  readonly #exporter: OTLPTraceExporter;
  readonly #agent: HttpAgent;
  readonly #clock: Clock;
  readonly #limitMs: number;
  #lastFailure: string | null = null;
  #giveUp: ((failure: string) => void) | null = null;

  constructor(config: TraceExportConfig, clock: Clock) {
    // Our own, because closing its connections is the one way to end an export that is under way.
    this.#agent = new (config.url.startsWith('https:') ? HttpsAgent : HttpAgent)({ keepAlive: true, maxSockets: 2 });
    this.#clock = clock;
    this.#limitMs = config.timeoutMs + GRACE_MS;
    // Its type is an enum of a package that is the exporter's own.
    const compression: object = { compression: config.isCompressed ? 'gzip' : 'none' };
    this.#exporter = new OTLPTraceExporter({
      url: config.url,
      headers: { ...config.headers },
      timeoutMillis: config.timeoutMs,
      concurrencyLimit: 2,
      userAgent: 'trunkline',
      httpAgentOptions: () => this.#agent,
      ...compression,
    });
  }

  /** Whether the collector took them. Never rejects; one at a time. */
  async send(spans: ReadableSpan[]): Promise<boolean> {
    const failure = await this.#export(spans);
    if (failure === this.#lastFailure) return failure === null;
    this.#lastFailure = failure;
    // Said once, however long it lasts: the metric counts.
    if (failure === null) this.#logger.log('The collector takes spans again.');
    else this.#logger.warn(`Spans cannot be sent to the collector (${failure}); they are dropped.`);
    return failure === null;
  }

  /** Ends the export that is under way as failed. */
  abort(): void {
    this.#giveUp?.(TOO_LATE);
  }

  /** Closes its connections. The exporter may still wait to try again what was given up here; nobody waits for that. */
  close(): void {
    this.#agent.destroy();
    this.#exporter.shutdown().catch(() => undefined);
  }

  // With an error of our own: after a connection that was reset the exporter would try again.
  #cutConnections(): void {
    for (const sockets of Object.values(this.#agent.sockets)) {
      for (const socket of sockets ?? []) socket.destroy(new Error('The export was given up.'));
    }
    this.#agent.destroy();
  }

  #export(spans: ReadableSpan[]): Promise<string | null> {
    return new Promise((resolve) => {
      const cancelTimer = this.#clock.schedule(() => {
        this.abort();
      }, this.#limitMs);
      const end = (failure: string | null): void => {
        cancelTimer();
        this.#giveUp = null;
        resolve(failure);
      };
      this.#giveUp = (failure) => {
        end(failure);
        this.#cutConnections();
      };
      try {
        this.#exporter.export(spans, (result) => {
          end(failureOf(result));
        });
      } catch (error) {
        end(nameOf(error));
      }
    });
  }
}

// A code of the `ExportResultCode` that is not success.
const FAILED = 1;

function failureOf({ code, error }: ExportResult): string | null {
  return (code as number) === FAILED ? nameOf(error) : null;
}

// Never its message: a collector may answer with what was sent to it, and that holds secrets.
function nameOf(error: unknown): string {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  if (typeof code === 'number') return `status ${String(code)}`;
  if (typeof code === 'string' && ERROR_CODE.test(code)) return code;
  return 'no usable answer';
}
