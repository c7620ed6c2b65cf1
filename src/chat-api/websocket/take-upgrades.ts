import { type IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { NestExpressApplication } from '@nestjs/platform-express';

/** A request that asks to go on as a WebSocket, while it may still become one. */
export interface Upgrade {
  readonly socket: Socket;
  /** What came right behind the request. */
  readonly head: Buffer;
}

const UPGRADE = Symbol('upgrade');
const KEY_PROTOCOL = /^key\.(.+)$/;
// How long what a refused client still sends is read on, so that it is not reset before it has read the answer.
const LINGER_MS = 500;

interface MayUpgrade extends IncomingMessage {
  [UPGRADE]?: Upgrade;
}

type Handle = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * Sends requests for a WebSocket the way of all others, through middleware, guards and the error filter to a route, which may
 * take the connection over; what it answers instead is an ordinary answer. Requests for other protocols stay what they are:
 * the upgrade is the client's offer, and is not taken up.
 */
export function takeUpgrades(app: NestExpressApplication): void {
  const server: Server & { shouldUpgradeCallback?: (request: IncomingMessage) => boolean } = app.getHttpServer();
  const handle = app.getHttpAdapter().getInstance() as Handle;
  // Known to Node since 24.9; an older one hands over every upgrade, and its clients are told that this is not HTTP/1.1.
  server.shouldUpgradeCallback = asksForWebSocket;
  server.on('upgrade', (request: MayUpgrade, socket: Socket, head: Buffer) => {
    // Whatever breaks a connection is followed by its end, which is what everybody waits for.
    socket.on('error', () => undefined);
    if (!asksForWebSocket(request)) {
      server.emit('clientError', new Error('Only WebSockets are upgraded to.'), socket);
      return;
    }
    request[UPGRADE] = { socket, head };
    liftKey(request);
    handle(request, responseOn(socket, request));
  });
}

/** The connection behind a request that asks for a WebSocket; null for all others. */
export function upgradeOf(request: MayUpgrade): Upgrade | null {
  return request[UPGRADE] ?? null;
}

/** The subprotocols that a client offers, in its order. */
export function offeredProtocols({ headers }: IncomingMessage): string[] {
  const offered = headers['sec-websocket-protocol'];
  return offered === undefined ? [] : offered.split(',').map((name) => name.trim());
}

function asksForWebSocket({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket';
}

// Browsers can set no headers here but the subprotocols; from now on the key is where every other request has it.
function liftKey(request: IncomingMessage): void {
  for (const name of offeredProtocols(request)) {
    const key = KEY_PROTOCOL.exec(name)?.[1];
    if (key !== undefined) request.rawHeaders.push('x-api-key', key);
  }
}

function responseOn(socket: Socket, request: IncomingMessage): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.once('finish', () => {
    socket.resume();
    socket.end();
    setTimeout(() => socket.destroy(), LINGER_MS).unref();
  });
  return response;
}
