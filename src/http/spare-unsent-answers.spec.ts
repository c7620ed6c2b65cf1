import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { spareUnsentAnswers } from './spare-unsent-answers.js';

/** More than the machine keeps between the two ends of a connection. */
const LARGE_BYTES = 64 * 1024 * 1024;

describe(spareUnsentAnswers.name, () => {
  let server: Server;
  let port: number;

  beforeEach(async () => {
    server = createServer((_request, response) => {
      response.setHeader('content-length', LARGE_BYTES);
      response.end(Buffer.alloc(LARGE_BYTES));
    });
    spareUnsentAnswers(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ({ port } = server.address() as AddressInfo);
  });

  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  it('O10 lets a slow client read its answer to the end, then closes its connection', async () => {
    const socket = connect(port, '127.0.0.1').pause();
    const answered = once(server, 'request');
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await answered;
    const closed = new Promise((resolve) => server.close(resolve));
    let bytes = 0;
    socket.on('data', (chunk) => (bytes += chunk.length));
    socket.resume();
    while (bytes < LARGE_BYTES) {
      server.closeIdleConnections();
      await turn();
      expect(socket.readableEnded).toBe(false);
    }
    for (let isOpen = true; isOpen; isOpen = !socket.closed) {
      server.closeIdleConnections();
      await turn();
    }
    await closed;
  });

  it('closes a connection that has nothing under way at once', async () => {
    const socket = connect(port, '127.0.0.1').resume();
    const whole = new Promise<void>((resolve) => {
      let bytes = 0;
      socket.on('data', (chunk) => {
        bytes += chunk.length;
        if (bytes > LARGE_BYTES) resolve();
      });
    });
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await whole;
    await turn();
    server.close();
    await once(socket, 'close');
  });
});
