import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Clock } from '../../src/core/clock.js';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import { FloodProvider } from '../support/flood-provider.js';
import { rawRequest } from '../support/raw-http.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

/** 24 MB in all: more than all buffers of the machine between provider and client. */
const PIECES = 1_500;
const WRITE_MS = 30_000;
const MOST_BUFFERED_BYTES = 1024 * 1024;
const OTHERS = 25;

describe('clients that misbehave', () => {
  const provider = new FakeOpenAi();
  const flood = new FloodProvider(PIECES);
  let app: TestApp;

  beforeAll(async () => {
    await Promise.all([provider.start(), flood.start()]);
    app = await startTestApp({
      gateway: {
        providers: {
          lab: { type: 'openai-compatible', base_url: provider.url, api_keys: ['sk-lab'] },
          flood: { type: 'openai-compatible', base_url: flood.url, api_keys: ['sk-flood'] },
        },
      },
    });
  });

  beforeEach(() => {
    provider.reset();
  });

  afterAll(async () => {
    await app.close();
    await provider.stop();
    flood.stop();
  });

  /** A chat as bytes on a connection of its own. */
  async function ask(model: string, stream: boolean, requestId: string): Promise<Socket> {
    const body = JSON.stringify({ model, stream, messages: [{ role: 'user', content: 'Hello' }] });
    const headers = [
      `Authorization: Bearer ${app.adminKey}`,
      `X-Request-Id: ${requestId}`,
      'Content-Type: application/json',
      `Content-Length: ${String(body.length)}`,
    ];
    const socket = connect({ port: Number(new URL(app.url).port), host: '127.0.0.1', allowHalfOpen: true });
    await once(socket, 'connect');
    socket.on('error', () => undefined);
    socket.write(rawRequest('POST /v1/chat/completions', headers, body));
    return socket;
  }

  it.each<[string, boolean, (socket: Socket) => unknown]>([
    ['before the head of a stream', true, (socket) => socket.destroy()],
    ['by a reset before the head of a stream', true, (socket) => socket.resetAndDestroy()],
    ['half, while a stream is waited for', true, (socket) => socket.end()],
    ['half, while an answer is waited for', false, (socket) => socket.end()],
  ])('O13 that leave %s have their provider closed and their row written', async (name, stream, leave) => {
    provider.hang();
    const requestId = `leaves-${name.replaceAll(/\W+/g, '-')}-${String(stream)}`;
    const socket = await ask('lab/m', stream, requestId);
    const request = await provider.nextRequest();
    leave(socket);
    await provider.waitForClose(request);
    expect(await app.ledgerRow(requestId)).toMatchObject({ status: 'aborted', attempts: [{ outcome: 'aborted' }] });
    socket.destroy();
  });

  it('O14 that read nothing stop their provider at a small buffer, hold up nobody, and are cut off', async () => {
    const sockets = new Set<Socket>();
    app.nest.getHttpServer().on('connection', (socket: Socket) => sockets.add(socket));
    const clock = app.nest.get(Clock);
    const schedule = clock.schedule.bind(clock);
    // The time that a write may take is over when the test says so.
    const due: (() => void)[] = [];
    const spy = jest.spyOn(clock, 'schedule').mockImplementation((work, ms) => {
      if (ms !== WRITE_MS) return schedule(work, ms);
      due.push(work);
      return () => due.splice(due.indexOf(work), 1);
    });
    try {
      const client = await ask('flood/m', true, 'reads-nothing');
      client.pause();
      await standstill(() => flood.written);
      expect(due).toHaveLength(1);
      expect(flood.written).toBeLessThan((PIECES * 16 * 1024 * 3) / 4);
      const buffered = Math.max(...[...sockets].map(({ writableLength }) => writableLength));
      expect(buffered).toBeGreaterThan(0);
      expect(buffered).toBeLessThanOrEqual(MOST_BUFFERED_BYTES);
      const others = await Promise.all(
        Array.from({ length: OTHERS }, () => app.post('/v1/chat', { model: 'lab/m', message: 'Hello' })),
      );
      expect(others.map(({ status }) => status)).toEqual(Array(OTHERS).fill(200));
      const { written } = flood;
      due[0]?.();
      expect(await app.ledgerRow('reads-nothing')).toMatchObject({ status: 'aborted' });
      await until(() => flood.open === 0);
      expect(flood.written).toBe(written);
      client.destroy();
    } finally {
      spy.mockRestore();
    }
  });
});

/** Resolves when a number has stopped growing. */
async function standstill(count: () => number): Promise<void> {
  for (let still = 0, last = -1; still < 10;) {
    await delay(50);
    still = count() === last && last > 0 ? still + 1 : 0;
    last = count();
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(10);
}
