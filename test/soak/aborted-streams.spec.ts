import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ServedRequest } from '../fakes/served-request.js';
import { rawRequest } from '../support/raw-http.js';
import { seededRandom, soakSeed } from '../support/soak-seed.js';
import type { TestApp } from '../support/test-app.js';
import { TwoVendors } from '../support/two-vendors.js';

/** Of each vendor's model. */
const ABORTS = 5_000;
const AT_ONCE = 25;
const PIECES = ['One', ' two', ' three', ' four'];
const CLOSE_MS = 1_000;
const HEAP_GROWTH_BYTES = 16 * 1024 * 1024;
// The allocator keeps what it once had; a leak of a kilobyte each would be less than half of it.
const RSS_GROWTH_BYTES = 64 * 1024 * 1024;
/** An answer that stalls before its first content has nothing to read. */
const FIRST_MS = 50;
const SAMPLES = 40;
const SAMPLE_MS = 500;

const random = seededRandom(soakSeed());
const vendors = new TwoVendors();
let app: TestApp;

beforeAll(async () => {
  ({ app } = await vendors.start());
});

afterAll(async () => {
  await app.close();
  await vendors.stop();
});

describe.each(['over-openai', 'over-claude'])('%s', (model) => {
  it(`R9 O13 ${String(ABORTS)} clients that leave at any point: upstream closes within a second, and nothing stays behind`, async () => {
    const fake = model === 'over-openai' ? vendors.openAi : vendors.anthropic;
    // What a first round leaves (compiled code, warm pools) is not a leak.
    await abortMany(model, 2 * AT_ONCE);
    const before = await atRest();
    const slow = await abortMany(model, ABORTS);
    expect(slow).toEqual([]);
    fake.reset();
    const after = await atRest();
    process.stdout.write(`${model}: ${JSON.stringify({ before, after })}\n`);
    expect(after.timers).toBeLessThanOrEqual(before.timers + 5);
    expect(after.sockets).toBeLessThanOrEqual(before.sockets + 5);
    expect(after.files).toBeLessThanOrEqual(before.files + 5);
    expect(after.listeners).toBeLessThanOrEqual(before.listeners);
    expect(after.rss - before.rss).toBeLessThan(RSS_GROWTH_BYTES);
    expect(after.heapUsed - before.heapUsed).toBeLessThan(HEAP_GROWTH_BYTES);
    const health = (await (await app.get('/admin/providers')).json()) as { data: { breaker: string }[] };
    expect(new Set(health.data.map(({ breaker }) => breaker))).toEqual(new Set(['closed']));
    expect((await app.post('/v1/chat', { model, message: 'Still there?' })).status).toBe(200);
  });
});

/** The milliseconds of those closes that took longer than they may. */
async function abortMany(model: string, count: number): Promise<number[]> {
  const slow: number[] = [];
  for (let done = 0; done < count; done += AT_ONCE) {
    const round = await Promise.all(Array.from({ length: AT_ONCE }, () => abortOne(model)));
    slow.push(...round.filter((ms) => ms > CLOSE_MS));
  }
  return slow;
}

/** Leaves before the head of a stream, in its midst, while an unstreamed answer is waited for, or with half of its connection. */
async function abortOne(model: string): Promise<number> {
  const fake = model === 'over-openai' ? vendors.openAi : vendors.anthropic;
  const mark = `call-${String(Math.floor(random() * 1e12))}`;
  const kind = Math.floor(random() * 4);
  // All that are under way at once get the same answer: silence, sooner or later.
  fake.stallAfter(Math.floor(random() * PIECES.length), { pieces: PIECES });
  const body = JSON.stringify({ model, stream: kind !== 0, messages: [{ role: 'user', content: mark }] });
  const leave = kind === 1 ? await askHalf(body) : await ask(body, kind === 2);
  const request = await served(fake, mark);
  const leftAt = performance.now();
  await leave();
  await fake.waitForClose(request);
  return performance.now() - leftAt;
}

/** Asks, and reads the first of the answer when that is wanted and comes; resolves to what leaves. */
async function ask(text: string, isRead: boolean): Promise<() => Promise<void>> {
  const controller = new AbortController();
  const answer = app.request('POST', '/v1/chat/completions', { text, signal: controller.signal });
  const first = answer.then((response) => response.body?.getReader().read());
  first.catch(() => undefined);
  if (isRead) await Promise.race([first, delay(FIRST_MS)]);
  return async () => {
    controller.abort();
    await first.catch(() => undefined);
  };
}

/** Asks on a connection of its own; resolves to what ends the client's half of it. */
async function askHalf(body: string): Promise<() => Promise<void>> {
  const socket = connect({ port: Number(new URL(app.url).port), host: '127.0.0.1', allowHalfOpen: true });
  await once(socket, 'connect');
  const headers = [`Authorization: Bearer ${app.adminKey}`, `Content-Length: ${String(body.length)}`];
  socket.on('error', () => undefined).resume();
  socket.write(rawRequest('POST /v1/chat/completions', [...headers, 'Content-Type: application/json'], body));
  return async () => {
    socket.end();
    if (!socket.closed) await once(socket, 'close');
  };
}

async function served(fake: TwoVendors['openAi'] | TwoVendors['anthropic'], mark: string): Promise<ServedRequest> {
  for (;;) {
    const request = servedWith(fake.requests, mark);
    if (request) return request;
    await delay(1);
  }
}

function servedWith(requests: readonly ServedRequest[], mark: string): ServedRequest | undefined {
  return requests.find(({ body }) => JSON.stringify(body.messages).includes(mark));
}

interface Rest {
  timers: number;
  sockets: number;
  files: number;
  listeners: number;
  rss: number;
  heapUsed: number;
}

/**
 * The least that was there while the connections that only wait for the next request were given up: what leaks stays, what
 * the server does of itself (a look for work, a heartbeat) comes and goes.
 */
async function atRest(): Promise<Rest> {
  const counts = [];
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    await delay(SAMPLE_MS);
    counts.push(count());
  }
  globalThis.gc?.();
  await delay(100);
  globalThis.gc?.();
  return {
    timers: Math.min(...counts.map(({ timers }) => timers)),
    sockets: Math.min(...counts.map(({ sockets }) => sockets)),
    files: Math.min(...counts.map(({ files }) => files)),
    listeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
    rss: process.memoryUsage().rss,
    heapUsed: process.memoryUsage().heapUsed,
  };
}

function count(): Pick<Rest, 'timers' | 'sockets' | 'files'> {
  const resources = process.getActiveResourcesInfo();
  return {
    files: readdirSync('/proc/self/fd').length,
    timers: resources.filter((name) => name === 'Timeout').length,
    sockets: resources.filter((name) => name.startsWith('TCP') && name !== 'TCPServerWrap').length,
  };
}
