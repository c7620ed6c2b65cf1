import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { rawRequest } from '../support/raw-http.js';
import { ServerProcess } from '../support/server-process.js';

const ADMIN_KEY = 'connections-admin-key';
const SAMPLES = 1_000;
const HALF_OPEN = 500;
const SLOW_BODIES = 100;
const IDLE = 1_000;
const CONNECTS = 5_000;
const AT_ONCE = 200;
/** What a busy machine may add to a time, in milliseconds. */
const NOISE_MS = 5;
/** Node looks for late connections once a second. */
const CHECK_MS = 3_000;

describe('H21 H22 connections by the thousand', () => {
  const directory = mkdtempSync(join(tmpdir(), 'trunkline-connections-'));
  let server: ServerProcess;
  let port: number;

  beforeAll(async () => {
    server = await ServerProcess.start({ TRUNKLINE_DATA_DIR: directory, TRUNKLINE_ADMIN_KEY: ADMIN_KEY });
    port = Number(new URL(server.url).port);
  });

  afterAll(async () => {
    await server.end('SIGTERM');
    rmSync(directory, { recursive: true, force: true });
  });

  const ask = async (): Promise<number> => {
    const startedAt = performance.now();
    const response = await fetch(`${server.url}/v1/models`, { headers: { authorization: `Bearer ${ADMIN_KEY}` } });
    await response.text();
    expect(response.status).toBe(200);
    return performance.now() - startedAt;
  };
  const p99 = async (): Promise<number> => {
    const times: number[] = [];
    for (let count = 0; count < SAMPLES; count += 1) times.push(await ask());
    return times.sort((one, other) => one - other)[Math.floor(SAMPLES * 0.99)] ?? NaN;
  };
  const open = async (text: string): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    await once(socket, 'connect');
    if (text !== '') socket.write(text);
    return socket;
  };
  /** Opens so many, a few at a time. */
  const openAll = async (count: number, text: (index: number) => string): Promise<Socket[]> => {
    const sockets: Socket[] = [];
    while (sockets.length < count) {
      const start = sockets.length;
      const some = Array.from({ length: Math.min(AT_ONCE, count - start) }, (_, index) => open(text(start + index)));
      sockets.push(...(await Promise.all(some)));
    }
    return sockets;
  };
  /** When and with what each was closed. */
  const ends = (sockets: readonly Socket[]): Promise<{ afterMs: number; text: string }[]> => {
    const startedAt = performance.now();
    return Promise.all(
      sockets.map(async (socket) => {
        let text = '';
        socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk));
        await once(socket, 'close');
        return { afterMs: performance.now() - startedAt, text };
      }),
    );
  };
  const descriptors = (): number => readdirSync(`/proc/${String(server.pid)}/fd`).length;
  /** The number of descriptors, as soon as it is near the one wanted, or after a while. */
  const settledNear = async (wanted: number): Promise<number> => {
    for (const giveUpAt = performance.now() + 20_000; performance.now() < giveUpAt;) {
      if (descriptors() <= wanted) break;
      await delay(100);
    }
    return descriptors();
  };

  it('H21 holds nobody up for slow heads and bodies, and cuts them off at 15 and 30 seconds', async () => {
    await p99();
    const [fds, alone] = [descriptors(), await p99()];
    const heads = await openAll(HALF_OPEN, (index) =>
      index % 2 === 0 ? 'POST /v1/chat HTTP/1.1\r\nHost: a\r\nX-' : '',
    );
    const headEnds = ends(heads);
    const headers = [`Authorization: Bearer ${ADMIN_KEY}`, 'Content-Type: application/json', 'Content-Length: 1000'];
    const bodies = await openAll(SLOW_BODIES, () => rawRequest('POST /v1/chat', headers, '{'));
    const bodyEnds = ends(bodies);
    const drip = setInterval(() => {
      for (const socket of bodies) if (socket.writable) socket.write(' ');
    }, 1_000);
    const beside = await p99();
    process.stdout.write(`H21 p99: ${alone.toFixed(2)} ms alone, ${beside.toFixed(2)} ms beside the slow ones\n`);
    for (const [what, ended, limitMs, code] of [
      ['head', await headEnds, 15_000, 'request_timeout'],
      ['body', await bodyEnds, 30_000, 'request_timeout'],
    ] as const) {
      expect(ended.filter(({ text }) => !text.startsWith('HTTP/1.1 408') || !text.includes(code))).toEqual([]);
      const last = Math.max(...ended.map(({ afterMs }) => afterMs));
      process.stdout.write(`H21 the last slow ${what} was cut off after ${(last / 1_000).toFixed(1)} s\n`);
      expect(last).toBeLessThan(limitMs + CHECK_MS);
    }
    clearInterval(drip);
    expect(beside).toBeLessThan(2 * alone + NOISE_MS);
    expect(await settledNear(fds + 5)).toBeLessThanOrEqual(fds + 5);
  });

  it('H22 goes on with a thousand idle connections and five thousand new ones, and keeps none of them', async () => {
    await ask();
    const fds = descriptors();
    const request = rawRequest('GET /health/live', []);
    const idle = await openAll(IDLE, () => request);
    expect(await ask()).toBeGreaterThan(0);
    expect(idle.filter(({ destroyed }) => destroyed)).toEqual([]);
    const startedAt = performance.now();
    for (let made = 0; made < CONNECTS; made += AT_ONCE) {
      const sockets = await openAll(AT_ONCE, () => request);
      for (const socket of sockets) socket.destroy();
    }
    const perSecond = CONNECTS / ((performance.now() - startedAt) / 1_000);
    process.stdout.write(`H22 ${perSecond.toFixed(0)} connections a second\n`);
    expect(await ask()).toBeGreaterThan(0);
    for (const socket of idle) socket.destroy();
    expect(await settledNear(fds + 5)).toBeLessThanOrEqual(fds + 5);
  });
});
