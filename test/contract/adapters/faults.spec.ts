import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { ChatEvent } from '../../../src/core/chat/chat-event.js';
import { HttpTransport } from '../../../src/providers/transport/http-transport.js';
import { FakeClock } from '../../support/fake-clock.js';
import {
  chatRequest,
  createTransport,
  CREDENTIAL,
  drain,
  fixture,
  kindOf,
  SMALL_LIMITS,
  testAttempt,
} from './adapter-under-test.js';
import { ADAPTERS } from './adapters.js';
import { ScriptedServer, startTcpServer } from './scripted-server.js';

interface Outcome {
  events: ChatEvent[];
  error: unknown;
}

describe.each(ADAPTERS)('$name', ({ vendor, create, isStream }) => {
  const transport = createTransport();
  const server = new ScriptedServer();
  const stops: (() => void)[] = [];

  beforeAll(() => server.start());
  afterEach(() => {
    while (stops.length > 0) stops.pop()?.();
  });
  afterAll(async () => {
    await transport.close();
    await server.stop();
  });

  const ask = (stream: boolean, url = server.url, attempt = testAttempt()): Promise<Outcome> =>
    drain(create(url, transport).chat?.('m', chatRequest({ stream }), attempt) ?? nothing());
  const sse = (response: ServerResponse): ServerResponse => response.setHeader('content-type', 'text/event-stream');
  const json = (response: ServerResponse): ServerResponse => response.setHeader('content-type', 'application/json');
  const wire = fixture(vendor, 'text.sse').toString();
  const reply = fixture(vendor, 'text.json');
  const beforeFinish = wire.slice(0, wire.indexOf('🚲'));

  it('F01: nobody listens', async () => {
    const closed = await startTcpServer(() => undefined);
    closed.stop();
    expect(kindOf((await ask(true, closed.url)).error)).toBe('unreachable');
  });

  it('F02: the name does not exist', async () => {
    expect(kindOf((await ask(true, 'http://nowhere.invalid')).error)).toBe('unreachable');
  });

  it('F03: no TLS where it is expected, and nothing of that in the message', async () => {
    const { error } = await ask(true, server.url.replace('http:', 'https:'));
    expect(kindOf(error)).toBe('unreachable');
    expect((error as Error).message).toBe('No connection to the provider could be made.');
  });

  it('F05: an unstreamed answer that never comes ends at the timer of the response head', async () => {
    const clock = new FakeClock();
    const slow = new HttpTransport(clock, SMALL_LIMITS);
    const arrived = new Promise<void>((resolve) => {
      server.answer = () => {
        resolve();
      };
    });
    const attempt = testAttempt({ timeouts: { responseHeadMs: 5_000 } });
    const outcome = drain(create(server.url, slow).chat?.('m', chatRequest({ stream: false }), attempt) ?? nothing());
    await arrived;
    const closed = server.nextClose();
    await clock.advance(4_999);
    expect(clock.pendingTimers).toBe(1);
    await clock.advance(1);
    expect(kindOf((await outcome).error)).toBe('timeout');
    await closed;
    expect(clock.pendingTimers).toBe(0);
    await slow.close();
  });

  it('F05: an unstreamed body that never ends stops at the timer of the body', async () => {
    server.answer = (response) => json(response).write(reply.subarray(0, 20));
    const { error } = await ask(false, server.url, testAttempt({ timeouts: { bodyMs: 30 } }));
    expect(kindOf(error)).toBe('timeout');
  });

  it.each([true, false])('F10: 502 with a page, stream %s', async (stream) => {
    server.answer = (response) =>
      response.writeHead(502, { 'content-type': 'text/html' }).end('<html>Bad gateway</html>');
    const { error } = await ask(stream);
    expect(error).toMatchObject({ kind: 'server-error', status: 502, message: 'The provider failed.' });
  });

  it('F12: a refused credential is never repeated', async () => {
    const body = { error: { type: 'authentication_error', message: `Incorrect API key provided: ${CREDENTIAL}` } };
    server.answer = (response) => response.writeHead(401).end(JSON.stringify(body));
    const { error } = await ask(true);
    expect(error).toMatchObject({ kind: 'authentication', message: 'The provider refused the credential.' });
  });

  it.each([true, false])('F16: a page with status 200, stream %s', async (stream) => {
    server.answer = (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html></html>');
    expect(kindOf((await ask(stream)).error)).toBe('malformed');
  });

  it('F17: an answer past the limit is cut off', async () => {
    server.answer = (response) => json(response).end('x'.repeat(SMALL_LIMITS.answerBytes + 1));
    expect(kindOf((await ask(false)).error)).toBe('too-large');
  });

  it('F17: an endless stream and an endless line are cut off, and their connections closed', async () => {
    for (const piece of [`: ${'x'.repeat(1000)}\n`, 'x'.repeat(1000)]) {
      server.answer = (response) => {
        const flood = (): void => {
          while (!response.destroyed && response.write(piece));
        };
        sse(response)
          .on('drain', flood)
          .on('error', () => undefined);
        flood();
      };
      const closed = server.nextClose();
      expect(kindOf((await ask(true)).error)).toBe('too-large');
      await closed;
    }
  });

  it('F18: truncated JSON', async () => {
    server.answer = (response) => json(response).end(reply.subarray(0, reply.length / 2));
    expect(kindOf((await ask(false)).error)).toBe('malformed');
  });

  it.each(['', 'null', '[]', '{}', '"text"'])('F19: 200 with the body `%s`', async (body) => {
    server.answer = (response) => json(response).end(body);
    expect(kindOf((await ask(false)).error)).toBe('malformed');
    server.answer = (response) => sse(response).end(body);
    expect(kindOf((await ask(true)).error)).toBe('malformed');
  });

  it.each([true, false])('F19: 204, stream %s', async (stream) => {
    server.answer = (response) => response.writeHead(204).end();
    expect(kindOf((await ask(stream)).error)).toBe('malformed');
  });

  it.each([true, false])('F24: reset in the middle, stream %s', async (stream) => {
    server.answer = (response) => {
      (stream ? sse(response) : json(response)).write(stream ? beforeFinish : '{"id":', () =>
        response.socket?.resetAndDestroy(),
      );
    };
    expect(kindOf((await ask(stream)).error)).toBe('interrupted');
  });

  it.each([true, false])('F25: closed in the middle of a chunked body, stream %s', async (stream) => {
    server.answer = (response) => {
      (stream ? sse(response) : json(response)).write(stream ? beforeFinish : '{"id":', () => response.socket?.end());
    };
    expect(kindOf((await ask(stream)).error)).toBe('interrupted');
  });

  it('F25: closed before the announced length', async () => {
    server.answer = (response) => {
      json(response)
        .setHeader('content-length', reply.length)
        .write(reply.subarray(0, 50), () => response.socket?.end());
    };
    expect(kindOf((await ask(false)).error)).toBe('interrupted');
  });

  it('F26: a clean end without a terminal event delivers what came, then fails', async () => {
    server.answer = (response) => sse(response).end(beforeFinish);
    const { events, error } = await ask(true);
    expect(kindOf(error)).toBe('interrupted');
    expect(events.some((event) => event.type === 'text-delta')).toBe(true);
    expect(events.some((event) => event.type === 'finish')).toBe(false);
  });

  it('F28: three unreadable events are skipped and counted, a fourth is too many', async () => {
    const attempt = testAttempt();
    server.answer = (response) => sse(response).end('data: {"broken\n\ndata: 7\n\ndata: nonsense\n\n' + wire);
    const { error } = await ask(true, server.url, attempt);
    expect(error).toBeNull();
    expect(attempt.skippedEvents.count).toBe(3);

    server.answer = (response) => sse(response).end('data: {\n\n'.repeat(4) + wire);
    expect(kindOf((await ask(true)).error)).toBe('malformed');
  });

  it('F34: what follows the end is ignored', async () => {
    server.answer = (response) => sse(response).end(wire);
    const expected = await ask(true);
    server.answer = (response) => sse(response).end(wire + wire + 'data: {"error":{"message":"late"}}\n\n');
    expect(await ask(true)).toEqual(expected);
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ] as const)('F39: %s is decoded', async (encoding, compress) => {
    server.answer = (response, request) => {
      const streams = isStream(request);
      (streams ? sse(response) : json(response)).setHeader('content-encoding', encoding);
      response.end(compress(streams ? Buffer.from(wire) : reply));
    };
    expect((await ask(true)).error).toBeNull();
    expect((await ask(false)).error).toBeNull();
  });

  it('F39: broken gzip is malformed, and so is a bomb', async () => {
    server.answer = (response) => json(response).setHeader('content-encoding', 'gzip').end(randomBytes(200));
    expect(kindOf((await ask(false)).error)).toBe('malformed');
    server.answer = (response) => sse(response).setHeader('content-encoding', 'gzip').end(randomBytes(200));
    expect(kindOf((await ask(true)).error)).toBe('malformed');
    const bomb = gzipSync(Buffer.alloc(5_000_000, 'x'));
    server.answer = (response) => json(response).setHeader('content-encoding', 'gzip').end(bomb);
    expect(kindOf((await ask(false)).error)).toBe('malformed');
    server.answer = (response) => sse(response).setHeader('content-encoding', 'gzip').end(bomb);
    expect(kindOf((await ask(true)).error)).toBe('malformed');
  });

  it.each([301, 302, 303, 307, 308])('F40: a redirect (%i) is refused and never followed', async (status) => {
    let visits = 0;
    const canary = await startTcpServer(() => {
      visits += 1;
    });
    stops.push(canary.stop);
    server.answer = (response) => response.writeHead(status, { location: `${canary.url}/v1/chat` }).end();
    expect(kindOf((await ask(true)).error)).toBe('redirect');
    expect(kindOf((await ask(false)).error)).toBe('redirect');
    expect(visits).toBe(0);
  });

  it.each([
    ['a garbage status line', 'SSH-2.0-OpenSSH_9.6\r\n\r\n', ['malformed']],
    [
      '101',
      'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
      ['malformed', 'unreachable'],
    ],
    ['a flood of interim answers', 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(1000), ['malformed']],
    ['10,000 headers', `HTTP/1.1 200 OK\r\n${'x-a: b\r\n'.repeat(10_000)}\r\n`, ['malformed']],
    ['a header of 1 MB', `HTTP/1.1 200 OK\r\nx-a: ${'b'.repeat(1_000_000)}\r\n\r\n`, ['malformed']],
  ])('F41: %s', async (_what, answer, kinds) => {
    const tcp = await startTcpServer((socket) => {
      socket.once('data', () => socket.write(answer));
    });
    stops.push(tcp.stop);
    expect(kinds).toContain(kindOf((await ask(true, tcp.url)).error));
  });
});

async function* nothing(): AsyncGenerator<ChatEvent> {
  yield* [];
}
