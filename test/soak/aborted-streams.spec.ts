import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import type { ServedRequest } from '../fakes/served-request.js';
import { seededRandom, soakSeed } from '../support/soak-seed.js';
import type { TestApp } from '../support/test-app.js';
import { TwoVendors } from '../support/two-vendors.js';

const ABORTS = 1_000;
const AT_ONCE = 25;
const PIECES = ['One', ' two', ' three', ' four'];
const CLOSE_MS = 1_000;
const HEAP_GROWTH_BYTES = 16 * 1024 * 1024;
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
  it(`R9 ${String(ABORTS)} streams whose clients leave: upstream closes within a second, and nothing stays behind`, async () => {
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

async function abortOne(model: string): Promise<number> {
  const fake = model === 'over-openai' ? vendors.openAi : vendors.anthropic;
  const mark = `call-${String(Math.floor(random() * 1e12))}`;
  fake.stallAfter(1 + Math.floor(random() * (PIECES.length - 1)), { pieces: PIECES });
  const controller = new AbortController();
  const messages = [{ role: 'user', content: mark }];
  const response = await app.post(
    '/v1/chat/completions',
    { model, stream: true, messages },
    { signal: controller.signal },
  );
  const reader = response.body?.getReader();
  await reader?.read();
  const leftAt = performance.now();
  controller.abort();
  await reader?.closed.catch(() => undefined);
  await fake.waitForClose(servedWith(fake.requests, mark));
  return performance.now() - leftAt;
}

function servedWith(requests: readonly ServedRequest[], mark: string): ServedRequest | undefined {
  return requests.find(({ body }) => JSON.stringify(body.messages).includes(mark));
}

/**
 * The least that was there while the connections that only wait for the next request were given up: what leaks stays, what
 * the server does of itself (a look for work, a heartbeat) comes and goes.
 */
async function atRest(): Promise<{ timers: number; sockets: number; heapUsed: number }> {
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
    heapUsed: process.memoryUsage().heapUsed,
  };
}

function count(): { timers: number; sockets: number } {
  const resources = process.getActiveResourcesInfo();
  return {
    timers: resources.filter((name) => name === 'Timeout').length,
    sockets: resources.filter((name) => name.startsWith('TCP') && name !== 'TCPServerWrap').length,
  };
}
