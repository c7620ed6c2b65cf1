import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const PIECE = 'x'.repeat(16 * 1024);

/** A provider of OpenAI's protocol that streams as fast as it is read, and knows how much that was. */
export class FloodProvider {
  /** Bytes that were given to all streams so far. */
  written = 0;
  /** Streams that are open. */
  open = 0;
  readonly #pieces: number;
  readonly #server: Server;

  /** `pieces` of 16 KiB make a stream. */
  constructor(pieces: number) {
    this.#pieces = pieces;
    this.#server = createServer((request, response) => {
      request.resume();
      void this.#stream(response);
    });
  }

  get url(): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}/v1`;
  }

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #stream(response: ServerResponse): Promise<void> {
    this.open += 1;
    const gone = once(response, 'close').then(() => {
      this.open -= 1;
    });
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (let piece = 0; piece < this.#pieces && !response.destroyed; piece += 1) {
      const event = chunk({ content: PIECE }, null);
      this.written += event.length;
      if (!response.write(event)) await Promise.race([once(response, 'drain'), gone]);
    }
    response.end(`${chunk({}, 'stop')}data: [DONE]\n\n`);
  }
}

function chunk(delta: object, finishReason: string | null): string {
  const choices = [{ index: 0, delta, finish_reason: finishReason }];
  return `data: ${JSON.stringify({ id: 'flood', object: 'chat.completion.chunk', created: 1, model: 'm', choices })}\n\n`;
}
