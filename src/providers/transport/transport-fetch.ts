import type { RequestProgress } from '../provider-adapter.js';
import { ProviderError } from '../provider-error.js';
import type { ByteSource } from './byte-source.js';
import type { HttpTransport } from './http-transport.js';
import { tooLarge } from './read-text.js';

/** The part of the web's `fetch` that the official SDKs use. */
export type TransportFetch = (url: string | URL | Request, init?: RequestInit) => Promise<Response>;

const BODILESS = new Set([204, 205, 304]);
const DECODED_HEADERS = new Set(['content-encoding', 'content-length', 'transfer-encoding']);

export interface FetchTimers {
  connectMs: number;
  headMs: number;
  bodyMs: number;
  /** Hears how far the request has come. */
  progress?: RequestProgress;
}

/**
 * A `fetch` for the official SDKs over the transport's pools: no redirects, no retries, text bodies only. Rejects with
 * ProviderError, which an SDK wraps as the `cause` of its own connection error.
 */
export function transportFetch(transport: HttpTransport, timers: FetchTimers): TransportFetch {
  return async (url, init = {}) => {
    const response = await transport.request({
      method: methodOf(init.method),
      url: new URL(url instanceof Request ? url.url : url),
      headers: Object.fromEntries(new Headers(init.headers)),
      body: bodyOf(init.body),
      signals: init.signal ? [init.signal] : [],
      connectMs: timers.connectMs,
      headMs: timers.headMs,
      progress: timers.progress,
    });
    const headers = new Headers();
    for (const [name, value] of Object.entries(response.headers)) {
      if (DECODED_HEADERS.has(name) || value === undefined) continue;
      for (const single of Array.isArray(value) ? value : [value]) headers.append(name, single);
    }
    const { status, body } = response;
    if (BODILESS.has(status)) {
      body.release();
      return new Response(null, { status, headers });
    }
    return new Response(toWebStream(body, transport, timers.bodyMs), { status, headers });
  };
}

function methodOf(method: string | undefined): 'GET' | 'POST' | 'DELETE' {
  const name = method?.toUpperCase() ?? 'GET';
  if (name === 'GET' || name === 'POST' || name === 'DELETE') return name;
  throw new ProviderError('invalid-request', `The transport sends no ${name} requests.`);
}

function bodyOf(body: RequestInit['body']): string | Uint8Array | null {
  if (body === null || body === undefined) return null;
  if (typeof body === 'string' || body instanceof Uint8Array) return body;
  throw new ProviderError('invalid-request', 'The transport sends text bodies only.');
}

function toWebStream(source: ByteSource, transport: HttpTransport, bodyMs: number): ReadableStream<Uint8Array> {
  let bytes = 0;
  const cancelTimer = transport.clock.schedule(() => {
    source.destroy(new ProviderError('timeout', 'The provider did not finish its answer in time.'));
  }, bodyMs);
  const take = async (): Promise<Uint8Array | null> => {
    const piece = await source.read();
    bytes += piece?.byteLength ?? 0;
    if (bytes > transport.limits.answerBytes) throw tooLarge(source);
    return piece;
  };
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const piece = await take().catch((error: unknown) => {
        cancelTimer();
        throw error;
      });
      if (piece) {
        controller.enqueue(piece);
        return;
      }
      cancelTimer();
      controller.close();
    },
    cancel() {
      cancelTimer();
      source.destroy();
    },
  });
}
