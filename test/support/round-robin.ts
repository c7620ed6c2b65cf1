import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  request as openRequest,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/** The header of an answer that says which of the replicas it came from, counted from 0. */
export const REPLICA_HEADER = 'x-replica';

/** A proxy before several servers that sends each request to the next of them, whatever belongs together. */
export class RoundRobin {
  readonly #server: Server = createServer((request, response) => {
    this.#forward(request, response);
  });
  #replicas: readonly string[] = [];
  #next = 0;

  get url(): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  async start(replicas: readonly string[]): Promise<void> {
    this.#replicas = replicas;
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  #forward(request: IncomingMessage, response: ServerResponse): void {
    const replica = this.#next % this.#replicas.length;
    this.#next += 1;
    const { method, headers, url = '/' } = request;
    const onward = openRequest(`${String(this.#replicas[replica])}${url}`, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, { ...answer.headers, [REPLICA_HEADER]: String(replica) });
      answer.pipe(response);
      answer.once('error', () => response.destroy());
    });
    onward.once('error', () => response.destroy());
    response.once('close', () => onward.destroy());
    request.pipe(onward);
  }
}
