import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Has a server that closes wait for answers that are written but not sent yet, because their clients read slowly: Node takes a
 * connection for idle as soon as its answer is written, and would cut it off in the midst of it.
 */
export function spareUnsentAnswers(server: Server): void {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const closeIdleConnections = server.closeIdleConnections.bind(server);
  // Also called by Node itself, when the server closes.
  server.closeIdleConnections = () => {
    for (const { writableLength } of sockets) if (writableLength > 0) return;
    closeIdleConnections();
  };
}
