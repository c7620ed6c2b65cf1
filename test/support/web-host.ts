import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A web server on one address of this machine, which keeps what it was asked and counts who connected. */
export class WebHost {
  connections = 0;
  readonly requests: { url: string; method: string; headers: IncomingMessage['headers'] }[] = [];
  readonly #pages = new Map<string, Handler>();
  readonly #server: Server;

  private constructor(private readonly address: string) {
    this.#server = createServer((request, response) => {
      const { url = '', method = '', headers } = request;
      this.requests.push({ url, method, headers });
      const page = this.#pages.get(new URL(url, 'http://host').pathname);
      if (page) page(request, response);
      else response.writeHead(404).end('nothing here');
    });
    this.#server.on('connection', () => {
      this.connections += 1;
    });
  }

  /** Null when the machine has no such address. */
  static async start(address: string): Promise<WebHost | null> {
    const host = new WebHost(address);
    return new Promise((resolve) => {
      host.#server.once('error', () => {
        resolve(null);
      });
      host.#server.listen(0, address, () => {
        resolve(host);
      });
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get origin(): string {
    const name = this.address.includes(':') ? `[${this.address}]` : this.address;
    return `http://${name}:${String(this.port)}`;
  }

  page(path: string, handler: Handler): void {
    this.#pages.set(path, handler);
  }

  /** A page with a body of its own type. */
  serve(path: string, body: Buffer | string, headers: Record<string, string> = {}, status = 200): void {
    this.page(path, (_request, response) => {
      response.writeHead(status, headers).end(body);
    });
  }

  reset(): void {
    this.connections = 0;
    this.requests.length = 0;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** Hosts that nobody may ever connect to: loopback in both versions, and a private address where the machine has one. */
export async function startCanaries(): Promise<WebHost[]> {
  const own = Object.values(networkInterfaces()).flat();
  const alias = own.find((each) => each?.family === 'IPv4' && !each.internal)?.address ?? '127.0.0.3';
  const hosts = await Promise.all(['127.0.0.1', '::1', alias].map((address) => WebHost.start(address)));
  if (hosts.includes(null)) process.stdout.write('This machine lacks an address for one of the canaries.\n');
  return hosts.filter((host) => host !== null);
}
