import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** What happens to the bytes of one direction. */
export interface Lane {
  /** How long each piece is held back. */
  latencyMs: number;
  /** Bytes a second; 0 for as many as come. */
  bandwidth: number;
}

/** A way to a server that a test can cut, make silent or slow, and break in the middle. */
export class TcpProxy {
  /** What the client says, on its way to the server. */
  readonly up: Lane = { latencyMs: 0, bandwidth: 0 };
  /** What the server says, on its way to the client. */
  readonly down: Lane = { latencyMs: 0, bandwidth: 0 };
  /** Connections that may be open at once; those beyond are closed without a word. */
  mostConnections = Infinity;
  /** Connections that were taken so far. */
  taken = 0;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  readonly #server: Server;
  #port = 0;
  #isFrozen = false;
  /** Bytes of the server's that new connections let through before they break; null for all. */
  #resetAfter: number | null = null;

  constructor(
    private readonly host: string,
    private readonly port: number,
  ) {
    this.#server = createServer({ allowHalfOpen: true }, (client) => {
      this.#join(client);
    });
  }

  get address(): string {
    return `127.0.0.1:${String(this.#port)}`;
  }

  /** Connections that are open now. */
  get connections(): number {
    return this.#pairs.size;
  }

  /** Takes connections, on the same port every time. */
  async open(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Breaks all connections and takes no more. */
  async cut(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.drop();
    await closed;
  }

  /** Breaks all connections and takes new ones; with a reset instead of an end if wanted. */
  drop({ withReset = false } = {}): void {
    for (const pair of this.#pairs) for (const socket of pair) end(socket, withReset);
  }

  /** Ends the server's side of all connections properly; the client may still send. */
  halfClose(): void {
    for (const [client] of this.#pairs) client.end();
  }

  /** New connections are reset as soon as the server sent so many bytes; null for none. */
  resetAfter(bytes: number | null): void {
    this.#resetAfter = bytes;
  }

  /** Keeps all connections and lets nothing through, until it is thawed. */
  freeze(isFrozen: boolean): void {
    this.#isFrozen = isFrozen;
    for (const pair of this.#pairs) {
      for (const socket of pair) {
        if (isFrozen) socket.pause();
        else socket.resume();
      }
    }
  }

  #join(client: Socket): void {
    if (this.#pairs.size >= this.mostConnections) {
      client.destroy();
      return;
    }
    this.taken += 1;
    const server = connect({ port: this.port, host: this.host, allowHalfOpen: true });
    const pair = [client, server] as const;
    this.#pairs.add(pair);
    const limit = this.#resetAfter;
    this.#carry([client, server], this.up, null);
    this.#carry([server, client], this.down, limit);
    for (const socket of pair) {
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        this.#pairs.delete(pair);
        for (const other of pair) other.destroy();
      });
      if (this.#isFrozen) socket.pause();
    }
  }

  #carry([from, to]: readonly [Socket, Socket], lane: Lane, limit: number | null): void {
    let left = limit ?? Infinity;
    // One piece after another, however long each of them takes.
    let before = Promise.resolve();
    const pass = (deliver: () => void, bytes: number): void => {
      const waitMs = lane.latencyMs + (lane.bandwidth > 0 ? (bytes / lane.bandwidth) * 1_000 : 0);
      if (waitMs === 0) void before.then(deliver);
      else before = before.then(() => delay(waitMs)).then(deliver);
    };
    from.on('data', (data) => {
      const part = data.subarray(0, left);
      left -= data.length;
      pass(() => {
        to.write(part);
        if (left <= 0) to.resetAndDestroy();
      }, part.length);
    });
    from.on('end', () => {
      pass(() => to.end(), 0);
    });
  }
}

function end(socket: Socket, withReset: boolean): void {
  if (withReset) socket.resetAndDestroy();
  else socket.destroy();
}
