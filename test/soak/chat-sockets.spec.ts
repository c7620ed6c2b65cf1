import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { ChatSocketLimits } from '../../src/chat-api/websocket/chat-socket-limits.js';
import { ChatSockets } from '../../src/chat-api/websocket/chat-sockets.service.js';
import { OpenCalls } from '../../src/http/open-calls.js';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import { ChatSocketClient } from '../support/chat-socket.js';
import { handshake, rawFrame, RawWebSocket } from '../support/raw-web-socket.js';
import { seededRandom, soakSeed } from '../support/soak-seed.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const MB = 1024 ** 2;
const ASK = { model: 'lab/llama', message: 'Count to three' };
const openAi = new FakeOpenAi();
let app: TestApp;
let key: string;

beforeAll(async () => {
  await openAi.start();
  app = await startTestApp({
    gateway: { providers: { lab: { type: 'openai-compatible', base_url: openAi.url, api_keys: ['sk-lab'] } } },
  });
  key = await app.createKey();
});

beforeEach(() => {
  openAi.reset();
  Object.assign(app.nest.get(ChatSocketLimits), new ChatSocketLimits());
});

afterAll(async () => {
  await app.close();
  await openAi.stop();
});

const open = (): Promise<RawWebSocket> => RawWebSocket.connect(app.url, handshake(`X-API-Key: ${key}`)).opened();
const nobody = async (): Promise<void> => {
  while (app.nest.get(ChatSockets).size + app.nest.get(OpenCalls).size > 0) {
    await new Promise((resolve) => setImmediate(resolve));
  }
};

/** Megabytes that the process has grown by, after what could be thrown away was. */
async function growthOf(work: () => Promise<void>): Promise<number> {
  const size = (): number => {
    globalThis.gc?.();
    return process.memoryUsage().rss / MB;
  };
  // The first round also pays for what is loaded and compiled by it.
  await work();
  const before = size();
  await work();
  return size() - before;
}

it('H29 stays flat under floods of pieces, pings and messages that are none', async () => {
  const flood = async (frame: Buffer, count: number): Promise<void> => {
    const socket = await open();
    const block = Buffer.concat(Array.from({ length: 1_000 }, () => frame));
    for (let sent = 0; sent < count && !socket.isEnded && socket.closeCode === null; sent += 1_000) {
      if (!socket.write(block)) await Promise.race([once(socket.socket, 'drain'), once(socket.socket, 'close')]);
    }
    await Promise.race([socket.closed(), new Promise((resolve) => setTimeout(resolve, 2_000))]);
    socket.socket.destroy();
    await nobody();
  };
  for (const [name, frame] of [
    ['pieces', rawFrame('', { fin: false, opcode: 0 })],
    ['pings', rawFrame('', { opcode: 9 })],
    ['junk', rawFrame('{')],
  ] as const) {
    const grownMb = await growthOf(() => flood(frame, 200_000));
    process.stdout.write(`${name}: ${grownMb.toFixed(1)} MB\n`);
    expect(grownMb).toBeLessThan(64);
  }
});

it('H29 stays flat with 100 sockets that ask for long answers and read nothing', async () => {
  Object.assign(app.nest.get(ChatSocketLimits), { writeMs: 3_000 });
  const starve = async (): Promise<void> => {
    openAi.reset();
    openAi.reply({ pieces: Array.from({ length: 100 }, () => 'x'.repeat(5_000)) }).forever();
    const sockets = await Promise.all(Array.from({ length: 100 }, open));
    for (const { socket } of sockets) {
      socket.pause();
      for (let id = 0; id < 4; id += 1) {
        socket.write(rawFrame(JSON.stringify({ type: 'message', id: String(id), ...ASK })));
      }
    }
    while (openAi.requests.length < 100) await new Promise((resolve) => setTimeout(resolve, 10));
    for (const { socket } of sockets) socket.destroy();
    await nobody();
  };
  const grownMb = await growthOf(starve);
  process.stdout.write(`starved: ${grownMb.toFixed(1)} MB\n`);
  expect(grownMb).toBeLessThan(128);
});

it('ends every message exactly once, however sockets come, cancel and go', async () => {
  const random = seededRandom(soakSeed());
  openAi.reply({ pieces: ['One', ' two', ' three'], eventDelayMs: 1 }).forever();
  let ended = 0;
  const live = async (): Promise<void> => {
    const client = await ChatSocketClient.open(app.url, key);
    const count = 1 + Math.floor(random() * 20);
    const left = random() < 0.3;
    for (let id = 0; id < count; id += 1) {
      client.send({ type: 'message', id: String(id), ...ASK });
      if (random() < 0.3) client.send({ type: 'cancel', id: String(Math.floor(random() * (id + 1))) });
    }
    if (left) {
      client.socket.terminate();
      return;
    }
    for (let id = 0; id < count; id += 1) await client.end(String(id));
    const ends = client.frames.filter(({ type }) => ['done', 'error', 'cancelled'].includes(type));
    expect(new Set(ends.map(({ id }) => id)).size).toBe(count);
    expect(ends).toHaveLength(count);
    ended += count;
    await client.close();
  };
  for (let round = 0; round < 20; round += 1) await Promise.all(Array.from({ length: 20 }, live));
  await nobody();
  process.stdout.write(`${String(ended)} messages ended\n`);
  expect(ended).toBeGreaterThan(500);
});
