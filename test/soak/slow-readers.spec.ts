import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import { FloodProvider } from '../support/flood-provider.js';
import { rawRequest } from '../support/raw-http.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const READERS = 20;
const PIECES = 1_500;
const BYTES_A_SECOND = 1_024;
const MOST_BUFFERED_BYTES = 1024 * 1024;
/** What the process may grow by for each of them, with what the fake provider has in flight and what is not collected yet. */
const BYTES_EACH = 8 * 1024 * 1024;

describe(`O14 ${String(READERS)} clients that read a kilobyte a second`, () => {
  const provider = new FakeOpenAi();
  const flood = new FloodProvider(PIECES);
  let app: TestApp;

  beforeAll(async () => {
    await Promise.all([provider.start(), flood.start()]);
    const typed = { type: 'openai-compatible', api_keys: ['sk'] };
    app = await startTestApp({
      gateway: { providers: { lab: { ...typed, base_url: provider.url }, flood: { ...typed, base_url: flood.url } } },
    });
  });

  afterAll(async () => {
    await app.close();
    await provider.stop();
    flood.stop();
  });

  it('are cut off in the end, while memory stays bounded and others are served', async () => {
    const connections = new Set<Socket>();
    app.nest.getHttpServer().on('connection', (connection: Socket) => connections.add(connection));
    const before = process.memoryUsage().rss;
    const sockets = await Promise.all(Array.from({ length: READERS }, () => readSlowly()));
    let mostBytes = 0;
    let mostBuffered = 0;
    let served = 0;
    while (flood.open > 0 || flood.written === 0) {
      const answer = await app.post('/v1/chat', { model: 'lab/m', message: 'Hello' });
      expect(answer.status).toBe(200);
      served += 1;
      mostBytes = Math.max(mostBytes, process.memoryUsage().rss - before);
      mostBuffered = Math.max(mostBuffered, ...[...connections].map(({ writableLength }) => writableLength));
      await delay(100);
    }
    process.stdout.write(`${JSON.stringify({ served, mostBuffered, mostBytes, writtenBytes: flood.written })}\n`);
    expect(flood.written).toBeLessThan((READERS * PIECES * 16 * 1024) / 2);
    expect(mostBuffered).toBeLessThanOrEqual(MOST_BUFFERED_BYTES);
    expect(mostBytes).toBeLessThan(READERS * BYTES_EACH);
    for (const socket of sockets) socket.destroy();
  });

  async function readSlowly(): Promise<Socket> {
    const body = JSON.stringify({ model: 'flood/m', stream: true, messages: [{ role: 'user', content: 'Hello' }] });
    const headers = [`Authorization: Bearer ${app.adminKey}`, `Content-Length: ${String(body.length)}`];
    const socket = connect({ port: Number(new URL(app.url).port), host: '127.0.0.1' });
    await once(socket, 'connect');
    socket.on('error', () => undefined);
    socket.write(rawRequest('POST /v1/chat/completions', [...headers, 'Content-Type: application/json'], body));
    const timer = setInterval(() => void socket.read(BYTES_A_SECOND), 1_000);
    socket.once('close', () => {
      clearInterval(timer);
    });
    return socket;
  }
});
