import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Authenticated } from '../../auth/authenticated.decorator.js';
import { AppError } from '../../core/errors/app-error.js';
import { ApiErrors } from '../../http/api-errors.decorator.js';
import { ErrorResponse } from '../../http/error-response.dto.js';
import { ChatSocketGateway } from './chat-socket.gateway.js';
import { CHAT_SOCKET_PATH } from './chat-socket-path.js';
import { upgradeOf } from './take-upgrades.js';

const PROTOCOL = [
  'Not to be called as HTTP: connect to it as `ws://` or `wss://`, with the key in a header or, from browsers, as',
  'subprotocols: `trunkline` and `key.KEY`. Keys in the address are ignored.',
  'Send `{"type":"message","id":"1", ...}` with the fields of `POST /v1/chat/stream`, several at once if you like; each is',
  'authorised and limited for itself. The answers are the frames of that route, each with the `id` of its message (the id of',
  'a tool call is `call_id`), without `[DONE]`. Exactly one of `done`, `error` and `cancelled` ends a message.',
  '`{"type":"cancel","id":"1"}` ends one early. `Idempotency-Key` has no meaning here.',
].join(' ');

/** The door of the WebSocket: what comes as an upgrade becomes a socket, everything else is told how to come. */
@ApiTags('Chat')
@Controller(CHAT_SOCKET_PATH)
export class ChatSocketController {
  constructor(private readonly gateway: ChatSocketGateway) {}

  @Get()
  @Authenticated('chat')
  @ApiOperation({ summary: 'Chat over a WebSocket', description: PROTOCOL, operationId: 'openChatSocket' })
  @ApiResponse({ status: 101, description: 'The connection goes on as a WebSocket.' })
  @ApiErrors(400)
  @ApiResponse({ status: 426, description: 'The request does not ask for a WebSocket.', type: ErrorResponse })
  open(@Req() request: Request, @Res() response: Response): void {
    const upgrade = upgradeOf(request);
    if (upgrade) {
      this.gateway.accept(request, response, upgrade);
      return;
    }
    response.setHeader('upgrade', 'websocket');
    throw new AppError(
      'upgrade_required',
      'This is a WebSocket. Connect with a WebSocket client; a proxy on the way must pass `Upgrade` on.',
    );
  }
}
