import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that nobody may ever call; it counts who does. */
export class Canary {
  visits = 0;
  readonly #server: Server = createServer((_request, response) => {
    this.visits += 1;
    response.end('{}');
  });

  get url(): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}/`;
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  stop(): void {
    this.#server.close();
  }
}
