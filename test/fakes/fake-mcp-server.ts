import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';

// The program that speaks over standard input and output shares it, and is plain JavaScript.
const tools = (await import(new URL('./mcp-tools.mjs', import.meta.url).href)) as { createToolServer: () => McpServer };

/** A real MCP server over Streamable HTTP, made of the SDK's own parts, that can lose its sessions and fall silent. */
export class FakeMcpServer {
  /** `METHOD session` of every request, the session being `new` or `known`. */
  readonly requests: { method: string; headers: IncomingMessage['headers'] }[] = [];
  isSilent = false;
  readonly #sessions = new Map<string, StreamableHTTPServerTransport>();
  readonly #server: Server = createServer((request, response) => void this.#serve(request, response));
  #port = 0;

  get url(): string {
    return `http://127.0.0.1:${String(this.#port)}/mcp`;
  }

  /** Sessions that were begun and not ended. */
  get sessions(): number {
    return this.#sessions.size;
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** As after a restart: nobody's session is known any more. */
  async forgetSessions(): Promise<void> {
    const transports = [...this.#sessions.values()];
    this.#sessions.clear();
    await Promise.all(transports.map((transport) => transport.close()));
  }

  async stop(): Promise<void> {
    await this.forgetSessions();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests.push({ method: request.method ?? '', headers: request.headers });
    if (this.isSilent) return;
    const id = request.headers['mcp-session-id'];
    const known = typeof id === 'string' ? this.#sessions.get(id) : undefined;
    if (id !== undefined && !known) {
      response.writeHead(404, { 'content-type': 'application/json' });
      response.end('{"jsonrpc":"2.0","error":{"code":-32001,"message":"Session not found"},"id":null}');
      return;
    }
    await (known ?? (await this.#begin())).handleRequest(request, response);
  }

  async #begin(): Promise<StreamableHTTPServerTransport> {
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      onsessioninitialized: (id) => {
        this.#sessions.set(id, transport);
      },
      onsessionclosed: (id) => {
        this.#sessions.delete(id);
      },
    });
    await tools.createToolServer().connect(transport);
    return transport;
  }
}
