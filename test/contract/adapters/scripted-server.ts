import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';

export interface SeenRequest {
  path: string;
  headers: IncomingMessage['headers'];
  body: Record<string, unknown>;
}

type Answer = (response: ServerResponse, request: SeenRequest) => void;

/** A small HTTP server that answers every request with the script of the moment and remembers what it saw. */
export class ScriptedServer {
  readonly requests: SeenRequest[] = [];
  answer: Answer = (response) => response.writeHead(500).end();
  #connections = 0;
  readonly #http = createServer((request, response) => {
    void this.#serve(request, response);
  });
  readonly #closings: (() => void)[] = [];

  get url(): string {
    return `http://127.0.0.1:${String((this.#http.address() as AddressInfo).port)}`;
  }

  get connections(): number {
    return this.#connections;
  }

  async start(): Promise<this> {
    this.#http.on('connection', (socket) => {
      this.#connections += 1;
      socket.once('close', () => {
        this.#closings.shift()?.();
      });
    });
    this.#http.listen(0, '127.0.0.1');
    await once(this.#http, 'listening');
    return this;
  }

  /** Resolves when a connection closes after this call. */
  nextClose(): Promise<void> {
    return new Promise((resolve) => {
      this.#closings.push(resolve);
    });
  }

  async stop(): Promise<void> {
    this.#http.closeAllConnections();
    this.#http.close();
    await once(this.#http, 'close');
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const text = Buffer.concat(pieces).toString();
    const body = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
    const seen = { path: request.url ?? '', headers: request.headers, body };
    this.requests.push(seen);
    this.answer(response, seen);
  }
}

/** A TCP server that gives every connection to `serve`: for answers that are no HTTP. */
export async function startTcpServer(serve: (socket: Socket) => void): Promise<{ url: string; stop: () => void }> {
  const sockets = new Set<Socket>();
  const server: Server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    stop: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
