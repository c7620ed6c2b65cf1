import type { Readable } from 'node:stream';
import type { CancelSignal } from '../../core/cancellation.js';
import { Pool } from 'undici';
import type { Clock } from '../../core/clock.js';
import type { RequestProgress } from '../provider-adapter.js';
import { ProviderError } from '../provider-error.js';
import { decodeBody } from './decoded-body.js';
import { Exchange } from './exchange.js';
import { headerOf, type HttpResponse } from './http-response.js';
import { readText, tooLarge } from './read-text.js';
import { TRANSPORT_LIMITS, type TransportLimits } from './transport-limits.js';

export interface HttpRequest {
  method: 'GET' | 'POST' | 'DELETE';
  url: URL;
  /** By lower-case name. */
  headers: Readonly<Record<string, string>>;
  /** A stream is read once, by this one request. */
  body: string | Uint8Array | Readable | null;
  /** Any of them cancels the request, whatever it is doing, and closes its connection. */
  signals: readonly CancelSignal[];
  connectMs: number;
  /** From sending to the response head; undefined leaves that to the signals. */
  headMs?: number;
  /** Hears how far the request has come. */
  progress?: RequestProgress;
}

interface Destination {
  readonly origin: string;
  readonly path: string;
}

const KEEP_ALIVE_MS = 4_000;
const KEEP_ALIVE_MAX_MS = 60_000;

/**
 * HTTP to the providers: one pool of kept-alive connections per origin, no redirects, no retries, bounded answers.
 * Whatever goes wrong below the status code is a ProviderError; statuses are the caller's to judge.
 */
export class HttpTransport {
  readonly clock: Clock;
  readonly limits: TransportLimits;
  readonly #pools = new Map<string, Pool>();
  /** An endpoint is asked for thousands of times, and a URL takes its parts together anew each time. */
  readonly #destinations = new WeakMap<URL, Destination>();

  constructor(clock: Clock, limits: TransportLimits = TRANSPORT_LIMITS) {
    this.clock = clock;
    this.limits = limits;
  }

  /** Sends the request and resolves at its response head. */
  async request(request: HttpRequest): Promise<HttpResponse> {
    const { url, connectMs } = request;
    const exchange = new Exchange({
      signals: request.signals,
      connectMs,
      headMs: request.headMs,
      progress: request.progress,
      clock: this.clock,
      limits: this.limits,
    });
    if (!exchange.isOver) {
      const { origin, path } = this.#destinationOf(url);
      const options = {
        origin,
        path,
        method: request.method,
        headers: headersOf(request),
        body: request.body,
      };
      this.#pool(origin, connectMs).dispatch(options, exchange);
      exchange.awaitConnection();
    }
    return this.#accept(await exchange.response);
  }

  /** The whole body as text, within the limits of an unstreamed answer. */
  readAnswer(response: HttpResponse, timeoutMs: number): Promise<string> {
    const limitBytes = this.limits.answerBytes;
    if (Number(headerOf(response.headers, 'content-length')) > limitBytes) throw tooLarge(response.body);
    return readText(response.body, { limitBytes, timeoutMs, clock: this.clock });
  }

  /** The body of a refusal, or an empty text when it cannot be read: the status alone says enough. */
  async readFailure(response: HttpResponse, timeoutMs: number): Promise<string> {
    const options = { limitBytes: this.limits.failureBytes, timeoutMs, clock: this.clock };
    return readText(response.body, options).catch((error: unknown) => {
      if (error instanceof ProviderError && error.kind === 'aborted') throw error;
      return '';
    });
  }

  /** Closes every connection; requests that still run fail. */
  async close(): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(pools.map((pool) => pool.destroy()));
  }

  #accept(response: HttpResponse): HttpResponse {
    const { status, headers } = response;
    if (status >= 300 && status < 400) {
      const error = new ProviderError('redirect', 'The provider answered with a redirect, which is never followed.', {
        status,
      });
      response.body.destroy(error);
      throw error;
    }
    return { status, headers, body: decodeBody(response.body, headerOf(headers, 'content-encoding')) };
  }

  #destinationOf(url: URL): Destination {
    let destination = this.#destinations.get(url);
    if (!destination) {
      destination = { origin: url.origin, path: url.pathname + url.search };
      this.#destinations.set(url, destination);
    }
    return destination;
  }

  #pool(origin: string, connectMs: number): Pool {
    const key = `${origin} ${String(connectMs)}`;
    let pool = this.#pools.get(key);
    if (!pool) {
      pool = new Pool(origin, {
        // HTTP/1.1 only: one answer per connection, so that cancelling one closes its socket and touches no other.
        allowH2: false,
        pipelining: 1,
        connect: { timeout: connectMs },
        keepAliveTimeout: KEEP_ALIVE_MS,
        keepAliveMaxTimeout: KEEP_ALIVE_MAX_MS,
        maxHeaderSize: this.limits.headBytes,
        headersTimeout: 0,
        bodyTimeout: 0,
      });
      this.#pools.set(key, pool);
    }
    return pool;
  }
}

// A provider that takes part in traces gets their headers on top.
function headersOf({ url, headers, progress }: HttpRequest): Readonly<Record<string, string>> {
  const traceHeaders = progress?.span?.addressed(url);
  return traceHeaders ? { ...headers, ...traceHeaders } : headers;
}
