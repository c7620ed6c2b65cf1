import { WsAdapter } from '@nestjs/platform-ws';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { type ServerOptions, WebSocketServer } from 'ws';
import { offeredProtocols } from './take-upgrades.js';

/** The subprotocol that clients offer beside their key. */
export const SUBPROTOCOL = 'trunkline';
// Of a message of the largest size in pieces of 4 kB.
const MAX_FRAGMENTS = 4_096;
const CLOSE_MS = 5_000;

/**
 * Makes the WebSocket servers of gateways: bounded in what a client may send, without compression (its memory is a hundred
 * times that of a socket, and small frames gain nothing), and without a port or an upgrade of their own, because requests
 * come to them by the router.
 */
export class ChatSocketAdapter extends WsAdapter {
  constructor(
    app: NestExpressApplication,
    private readonly maxMessageBytes: number,
  ) {
    super(app);
  }

  override create(): WebSocketServer {
    const options: ServerOptions & { maxFragments: number; closeTimeout: number } = {
      noServer: true,
      maxPayload: this.maxMessageBytes,
      maxFragments: MAX_FRAGMENTS,
      closeTimeout: CLOSE_MS,
      perMessageDeflate: false,
      // Of what a client offers the key must not come back.
      handleProtocols: (_protocols, request) => offeredProtocols(request).includes(SUBPROTOCOL) && SUBPROTOCOL,
    };
    return new WebSocketServer(options);
  }

  // Gateways read their messages themselves: an answer here is a stream, with an id, and no faster than its reader.
  override bindMessageHandlers(): void {
    return;
  }
}
