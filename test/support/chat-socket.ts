import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { WebSocket, type ClientOptions } from 'ws';

/** A frame of the chat socket. */
export interface Frame extends Record<string, unknown> {
  id: string | null;
  type: string;
  error?: { code: string; message: string; param: string | null; type: string };
}

const ENDS: ReadonlySet<string> = new Set(['done', 'error', 'cancelled']);

/** A client of `/v1/chat/ws` that keeps what it was sent. */
export class ChatSocketClient {
  readonly frames: Frame[] = [];
  /** The code and the reason that the socket was closed with. */
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #waiting = new Set<() => void>();

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data: Buffer) => {
      this.frames.push(JSON.parse(data.toString()) as Frame);
      this.#wake();
    });
    this.closed = new Promise((resolve) => {
      socket.once('close', (code, reason) => {
        resolve({ code, reason: reason.toString() });
        this.#wake();
      });
    });
    socket.on('error', () => undefined);
  }

  /** Opens a socket with a key in a header, or without one in whatever way the options say. Rejects when it is refused. */
  static async open(
    url: string,
    key: string | null,
    options: ClientOptions & { protocols?: string[] } = {},
  ): Promise<ChatSocketClient> {
    const { protocols = [], headers, ...rest } = options;
    const socket = new WebSocket(toSocketUrl(url), protocols, {
      ...rest,
      headers: { ...(key !== null && { authorization: `Bearer ${key}` }), ...headers },
    });
    const client = new ChatSocketClient(socket);
    await once(socket, 'open');
    return client;
  }

  send(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  /** Asks and waits for the last frame of the answer. */
  ask(id: string, body: object): Promise<Frame> {
    this.send({ type: 'message', id, ...body });
    return this.end(id);
  }

  /** The frame that ends the message. */
  end(id: string | null): Promise<Frame> {
    return this.find((frame) => frame.id === id && ENDS.has(frame.type));
  }

  /** The first frame that is accepted, once it is there; rejects when the socket is closed before. */
  async find(accepts: (frame: Frame) => boolean): Promise<Frame> {
    for (;;) {
      const found = this.frames.find(accepts);
      if (found) return found;
      if (this.socket.readyState === WebSocket.CLOSED) {
        throw new Error(`The socket is closed. It had sent ${JSON.stringify(this.frames)}`);
      }
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** The text of an answer. */
  textOf(id: string): string {
    return this.frames
      .filter((frame) => frame.id === id && frame.type === 'delta')
      .map((frame) => String(frame.content))
      .join('');
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.closed;
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

/** What an upgrade is refused with: the status, the headers and the body of the answer. */
export async function refusalOf(
  url: string,
  options: ClientOptions & { protocols?: string[] } = {},
): Promise<{ status: number; headers: Record<string, unknown>; code: unknown; body: string }> {
  const { protocols = [], ...rest } = options;
  const socket = new WebSocket(toSocketUrl(url), protocols, rest);
  socket.on('error', () => undefined);
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString();
  const { error } = JSON.parse(body) as { error: { code: unknown } };
  return { status: response.statusCode ?? 0, headers: response.headers, code: error.code, body };
}

/** The socket's address at a server; an address with a path keeps it. */
function toSocketUrl(url: string): string {
  const address = new URL(url.replace(/^http/, 'ws'));
  if (address.pathname === '/') address.pathname = '/v1/chat/ws';
  return address.href;
}
