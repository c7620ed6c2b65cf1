import type { FetchLike } from '@modelcontextprotocol/sdk/shared/transport.js';
import { Agent, fetch, type Response as Answer } from 'undici';

type Init = NonNullable<Parameters<typeof fetch>[1]>;

// A stream of notifications is silent for as long as nothing happens; requests have times of their own.
const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0, allowH2: false });
/** Redirects that repeat the request as it is. */
const REPEATED: ReadonlySet<number> = new Set([307, 308]);
/** Of statuses that have no body. */
const BODILESS: ReadonlySet<number> = new Set([101, 204, 205, 304]);

/**
 * `fetch` for servers that the operator configured: an answer, or a stream of notifications, may have so many bytes, and a
 * redirect leads to no other server, who would get the secrets and the arguments.
 */
export function mcpFetch(maxBytes: number): FetchLike {
  return async (url, init = {}) => {
    const first = await send(url, init as Init);
    const next = sameServer(first, url);
    if (next) await first.body?.cancel();
    const response = next ? await send(next, init as Init) : first;
    const { status, statusText, headers } = response;
    if (response.body === null || BODILESS.has(status)) return response;
    const body = (response.body as ReadableStream<Uint8Array>).pipeThrough(bounded(maxBytes));
    return new Response(body, { status, statusText, headers: [...headers.entries()] });
  };
}

function send(url: string | URL, init: Init): Promise<Answer> {
  return fetch(url, { ...init, redirect: 'manual', dispatcher });
}

function sameServer({ status, headers }: Answer, url: string | URL): URL | null {
  if (!REPEATED.has(status)) return null;
  const { origin, href } = new URL(url);
  const next = URL.parse(headers.get('location') ?? '', href);
  return next?.origin === origin ? next : null;
}

function bounded(maxBytes: number): TransformStream<Uint8Array, Uint8Array> {
  let bytes = 0;
  return new TransformStream({
    transform(piece, controller) {
      bytes += piece.byteLength;
      if (bytes > maxBytes)
        controller.error(new Error(`The MCP server's answer has more than ${String(maxBytes)} bytes.`));
      else controller.enqueue(piece);
    },
  });
}
