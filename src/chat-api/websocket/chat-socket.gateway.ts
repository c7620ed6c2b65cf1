import type { IncomingMessage } from 'node:http';
import { type OnGatewayConnection, WebSocketGateway, WebSocketServer } from '@nestjs/websockets';
import type { Request, Response } from 'express';
import type { WebSocket, WebSocketServer as Server } from 'ws';
import { readCredentials } from '../../auth/read-credentials.js';
import { Clock } from '../../core/clock.js';
import { InvalidRequestError } from '../../core/errors/app-error.js';
import { callOf } from '../../http/call-of.js';
import { SWITCHED_STATUS } from '../../http/status-table.js';
import { ChatSocket } from './chat-socket.js';
import { SUBPROTOCOL } from './chat-socket.adapter.js';
import { ChatSocketLimits } from './chat-socket-limits.js';
import { CHAT_SOCKET_PATH } from './chat-socket-path.js';
import { ChatSockets } from './chat-sockets.service.js';
import { MessageDesk } from './message-desk.service.js';
import { offeredProtocols, type Upgrade, upgradeOf } from './take-upgrades.js';

/** Turns requests into sockets. What a socket is sent goes to the message desk. */
@WebSocketGateway({ path: CHAT_SOCKET_PATH })
export class ChatSocketGateway implements OnGatewayConnection<WebSocket> {
  @WebSocketServer()
  private readonly server!: Server;

  constructor(
    private readonly sockets: ChatSockets,
    private readonly desk: MessageDesk,
    private readonly limits: ChatSocketLimits,
    private readonly clock: Clock,
  ) {}

  /**
   * Takes the connection of a request over, whose key the guard has let through. Throws `concurrency_limit`,
   * `server_shutting_down`, and `invalid_value` for a handshake that is not valid; then the response is still to be sent.
   */
  accept(request: Request, response: Response, { socket, head }: Upgrade): void {
    checkProtocols(request);
    this.sockets.assertRoom(callOf(request).principal.keyId);
    const problems: Error[] = [];
    const note = (error: Error): void => {
      problems.push(error);
    };
    // The library tells a listener what is wrong, and answers with a text of its own when there is none.
    this.server.once('wsClientError', note);
    this.server.handleUpgrade(request, socket, head, (client) => {
      response.detachSocket(socket);
      response.statusCode = SWITCHED_STATUS;
      this.server.emit('connection', client, request);
      response.emit('close');
    });
    this.server.off('wsClientError', note);
    const [problem] = problems;
    if (problem) throw brokenHandshake(problem);
  }

  handleConnection(client: WebSocket, request: IncomingMessage & Pick<Request, 'ip'>): void {
    const upgrade = upgradeOf(request);
    if (!upgrade) throw new Error('The socket came without its request: it was not opened by this gateway.');
    const caller = {
      request,
      key: readCredentials(request.rawHeaders),
      address: request.ip ?? upgrade.socket.remoteAddress ?? 'unknown',
      principal: callOf(request).principal,
    };
    const { desk, limits, clock } = this;
    const socket = new ChatSocket(client, upgrade.socket, { caller, desk, limits, clock });
    this.sockets.add(socket);
    client.once('close', (code) => {
      this.sockets.remove(socket, code);
    });
  }
}

// Clients end the connection when nothing of what they offered is chosen, and nobody would know why.
function checkProtocols(request: IncomingMessage): void {
  const offered = offeredProtocols(request);
  if (offered.length === 0 || offered.includes(SUBPROTOCOL)) return;
  const message = `Offer the subprotocol \`${SUBPROTOCOL}\`, as \`Sec-WebSocket-Protocol: ${SUBPROTOCOL}, key.KEY\`, or none.`;
  throw new InvalidRequestError('invalid_value', message, { param: 'sec-websocket-protocol' });
}

function brokenHandshake({ message }: Error): InvalidRequestError {
  const advice = 'Connect with a WebSocket client of version 13, and check proxies on the way.';
  return new InvalidRequestError('invalid_value', `The WebSocket handshake is not valid: ${message}. ${advice}`);
}
