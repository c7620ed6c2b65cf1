import type { Server } from 'node:http';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Clock } from '../../src/core/clock.js';
import { Gauntlet } from '../support/gauntlet.js';
import { rawRequest, sendRaw } from '../support/raw-http.js';

/** In which a body has to arrive. */
const BODY_MS = 30_000;

// With thousands of connections, and slow ones against a clock: test/soak/connections.spec.ts.
describe('bad inputs: connections', () => {
  let gauntlet: Gauntlet;

  beforeAll(async () => {
    gauntlet = await Gauntlet.start();
  });

  afterEach(() => gauntlet.expectUnharmed());

  afterAll(async () => {
    await gauntlet.close();
  });

  it('H20 refuses what is no HTTP/1', async () => {
    const texts = [
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      '\x16\x03\x01\x00\xc8\x01\x00\x00\xc4\x03\x03',
      '\x01\x02\xff\r\n',
    ];
    for (const text of texts) {
      const answer = await sendRaw(gauntlet.app.url, Buffer.from(text, 'latin1'));
      gauntlet.expectRaw(answer, '/', 400, null);
      expect(answer.isClosed).toBe(true);
    }
  });

  it('H20 H21 cuts off who says nothing, or half of a request, and tells them why', async () => {
    const server: Server = gauntlet.app.nest.getHttpServer();
    const { headersTimeout } = server;
    // Node looks for such once a second.
    server.headersTimeout = 1;
    const texts = ['', 'GET /v1/models HTTP/1.1\r\nHost: a\r\nX-'];
    const answers = await Promise.all(texts.map((text) => sendRaw(gauntlet.app.url, text, 30_000)));
    server.headersTimeout = headersTimeout;
    expect(headersTimeout).toBe(15_000);
    for (const answer of answers) {
      gauntlet.expectRaw(answer, '/', 408, 'request_timeout');
      expect(answer.isClosed).toBe(true);
    }
  });

  it('H21 gives a body up that takes too long to arrive', async () => {
    const clock = gauntlet.app.nest.get(Clock);
    const schedule = clock.schedule.bind(clock);
    const begun = Promise.withResolvers<() => void>();
    const spy = jest.spyOn(clock, 'schedule').mockImplementation((work, ms) => {
      if (ms === BODY_MS) begun.resolve(work);
      return schedule(work, ms);
    });
    const answer = gauntlet.raw(
      'POST /v1/chat',
      ['Content-Type: application/json', 'Content-Length: 1000'],
      '{"message":',
    );
    // The time is over when the test says so.
    (await begun.promise)();
    spy.mockRestore();
    gauntlet.expectRaw(await answer, '/v1/chat', 408, 'request_timeout');
    expect((await answer).isClosed).toBe(true);
  });

  it('H21 H22 serves others while half requests and idle connections stand open', async () => {
    const port = Number(new URL(gauntlet.app.url).port);
    const sockets = Array.from({ length: 500 }, (_, index) => {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined);
      socket.write(index % 2 === 0 ? 'POST /v1/chat HTTP/1.1\r\nHost: a\r\nX-' : '');
      return socket;
    });
    for (let count = 0; count < 20; count += 1) expect((await gauntlet.app.get('/v1/models')).status).toBe(200);
    for (const socket of sockets) socket.destroy();
  });

  it('H23 answers pipelined requests in their order', async () => {
    const ids = Array.from({ length: 100 }, (_, index) => `pipelined-${String(index)}`);
    const requests = ids.map((id, index) =>
      rawRequest('GET /health/live', [`X-Request-Id: ${id}`, ...(index === 99 ? ['Connection: close'] : [])]),
    );
    const { text } = await sendRaw(gauntlet.app.url, requests.join(''));
    expect([...text.matchAll(/^x-request-id: (.+)\r$/gim)].map((match) => match[1])).toEqual(ids);
  });
});
