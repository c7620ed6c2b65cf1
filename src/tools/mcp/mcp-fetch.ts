import type { FetchLike } from '@modelcontextprotocol/sdk/shared/transport.js';
import { Agent, fetch } from 'undici';

type Init = NonNullable<Parameters<typeof fetch>[1]>;

// A stream of notifications is silent for as long as nothing happens; requests have times of their own.
const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0, allowH2: false });

/** `fetch` for servers that the operator configured: what they answer to a request may have so many bytes. */
export function mcpFetch(maxBytes: number): FetchLike {
  return async (url, init = {}) => {
    const response = await fetch(url, { ...(init as Init), dispatcher });
    const isAnswer = init.method === 'POST' && response.body !== null;
    if (!isAnswer) return response;
    const { status, statusText, headers } = response;
    const body = (response.body as unknown as ReadableStream<Uint8Array>).pipeThrough(bounded(maxBytes));
    return new Response(body, { status, statusText, headers: [...headers.entries()] });
  };
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
