import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Identity } from './make-certificate.js';

/** An HTTPS server that counts who came through, which only those do who accept its certificate. */
export class TlsListener {
  visits = 0;
  readonly #server: Server;

  constructor({ cert, key }: Identity) {
    this.#server = createServer({ cert, key }, (_request, response) => {
      this.visits += 1;
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
    this.#server.on('tlsClientError', () => undefined);
  }

  get url(): string {
    return `https://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
  }
}
