import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Machine } from '../../src/admission/machine.js';
import { SeatGate } from '../../src/admission/seat-gate.js';
import { BodyMemory } from '../../src/http/body/body-memory.js';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import { ChatSocketClient } from '../support/chat-socket.js';
import { type CapturedLog, captureLog } from '../support/capture-log.js';
import { rawRequest, sendRaw } from '../support/raw-http.js';
import { type CallOptions, startTestApp, type TestApp } from '../support/test-app.js';

const SEATS = 4;
const QUEUE = 2;
const ASK = { model: 'lab/llama', stream: true, messages: [{ role: 'user', content: 'Hello' }] };
const PIECES = { pieces: ['One', ' two'] };

describe('R10 a process that is full', () => {
  const provider = new FakeOpenAi();
  let app: TestApp;
  let gate: SeatGate;
  let heapShare = 0;
  let log: CapturedLog;
  let here: string;
  let there: string;

  beforeAll(async () => {
    log = captureLog();
    await provider.start();
    app = await startTestApp({
      gateway: { providers: { lab: { type: 'openai-compatible', base_url: provider.url, api_keys: ['sk-lab'] } } },
      env: {
        MAX_IN_FLIGHT: String(SEATS),
        ADMISSION_QUEUE_SIZE: String(QUEUE),
        ADMISSION_WAIT_MS: '600000',
        MAX_MEMORY_PERCENT: '85',
        LOG_LEVEL: 'info',
      },
    });
    gate = app.nest.get(SeatGate);
    const machine = app.nest.get(Machine);
    jest.spyOn(machine, 'heapShare').mockImplementation(() => heapShare);
    jest.spyOn(machine, 'collectGarbage').mockImplementation(() => undefined);
    here = await app.createKey({ project: 'here' });
    there = await app.createKey({ project: 'there' });
    // Only keys that were good here before are known without being looked up.
    for (const key of [here, there]) expect((await app.get('/v1/models', { key })).status).toBe(200);
  });

  afterEach(async () => {
    await useHeap(0);
    provider.reset();
  });

  afterAll(async () => {
    await app.close();
    await provider.stop();
    log.stop();
  });

  const ask = (options: CallOptions): Promise<Response> => app.post('/v1/chat/completions', ASK, options);

  /** Requests of the key that have their heads and go on until they are released. */
  const hold = async (key: string, count: number): Promise<{ response: Response; release: () => void }[]> => {
    const held = [];
    for (let index = 0; index < count; index++) {
      const stalled = provider.stallAfter(1, PIECES);
      held.push({
        response: await ask({ key }),
        release: () => {
          stalled.release();
        },
      });
    }
    return held;
  };

  const until = async (isSo: () => boolean): Promise<void> => {
    while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 2));
  };

  /** Has so much of the heap in use, and waits until that was noticed. */
  const useHeap = async (share: number): Promise<void> => {
    heapShare = share;
    await until(() => gate.limit === (share === 0 ? SEATS : 0));
  };

  const metric = async (line: string): Promise<number> => {
    const text = await (await app.get('/metrics')).text();
    return Number(
      text
        .split('\n')
        .find((found) => found.startsWith(`${line} `))
        ?.slice(line.length + 1) ?? 0,
    );
  };

  it('answers at once, in the dialect of each surface, before body, key and router', async () => {
    const before = await metric('trunkline_admission_refusals_total{reason="heap"}');
    await useHeap(0.86);
    const openAi = await ask({ key: null, headers: { 'x-request-id': 'too-many' } });
    expect([openAi.status, openAi.headers.get('x-request-id')]).toEqual([503, 'too-many']);
    const waitMs = Number(openAi.headers.get('retry-after-ms'));
    expect(waitMs).toBeGreaterThanOrEqual(1_000);
    expect(Number(openAi.headers.get('retry-after'))).toBe(Math.ceil(waitMs / 1_000));
    expect(await openAi.json()).toEqual({
      error: { message: expect.any(String) as unknown, type: 'server_error', param: null, code: 'overloaded' },
    });
    const anthropic = await app.post('/v1/messages', { nonsense: true }, { key: 'nobody' });
    expect(anthropic.status).toBe(529);
    expect(await anthropic.json()).toMatchObject({ type: 'error', error: { type: 'overloaded_error' } });
    for (const path of ['/v1/models', '/v1/search', '/v1/nothing', '/V1/chat']) {
      expect([path, (await app.get(path)).status]).toEqual([path, 503]);
    }
    // Nothing of the body has come.
    const head = rawRequest('POST /v1/chat', ['Content-Type: application/json', 'Content-Length: 1000000']);
    expect(await sendRaw(app.url, head, 5_000)).toMatchObject({ status: 503 });
    expect(await metric('trunkline_admission_refusals_total{reason="heap"}')).toBe(before + 7);
    expect(provider.requests).toEqual([]);
    const line =
      log
        .text()
        .split('\n')
        .find((text) => text.includes('"too-many"')) ?? '{}';
    expect(JSON.parse(line)).toMatchObject({ status: 503, error: 'overloaded', key_id: null });
  });

  it('says how it is doing, and lets those in who have to mend it', async () => {
    await useHeap(0.86);
    for (const path of ['/health/live', '/health/ready', '/metrics', '/openapi.json', '/admin/keys']) {
      expect([path, (await app.get(path)).status]).toEqual([path, 200]);
    }
    expect((await app.request('OPTIONS', '/v1/chat')).status).not.toBe(503);
    expect(await metric('trunkline_admission_seats')).toBe(0);
    await useHeap(0);
    expect((await ask({ key: here })).status).toBe(200);
  });

  it('lets some wait, and turns the others away', async () => {
    const held = await hold(here, SEATS);
    const waiting = [ask({ key: here }), ask({ key: here })];
    await until(() => gate.queued === QUEUE);
    expect((await ask({ key: here })).status).toBe(503);
    expect(await metric('trunkline_admission_in_flight')).toBe(SEATS);
    expect(await metric('trunkline_admission_queue_length')).toBe(QUEUE);
    expect(provider.requests).toHaveLength(SEATS);
    for (const { release } of held) release();
    for (const { response } of held) expect(await response.text()).toContain('[DONE]');
    for (const response of await Promise.all(waiting)) expect(response.status).toBe(200);
    expect(await metric('trunkline_admission_wait_seconds_count')).toBeGreaterThanOrEqual(QUEUE);
    await until(() => gate.inFlight === 0);
  });

  it('keeps a seat and a place for a project, however much another one asks for', async () => {
    const held = await hold(here, SEATS);
    const crowd = [ask({ key: here }), ask({ key: here })];
    await until(() => gate.queued === QUEUE);
    // More than the limit, for who holds less than a share.
    expect((await ask({ key: there })).status).toBe(200);
    const mine = await hold(there, 1);
    const waits = ask({ key: there });
    const displaced = await Promise.race(crowd.map((request, index) => request.then(({ status }) => [index, status])));
    expect(displaced).toEqual([1, 503]);
    held.pop()?.release();
    expect((await waits).status).toBe(200);
    for (const { release } of [...held, ...mine]) release();
    await Promise.all(crowd);
    await until(() => gate.inFlight === 0);
  });

  it('gives strangers one share, whatever keys they send', async () => {
    const held = await hold(here, SEATS);
    const junk = ['k1', 'k2', 'k3', 'k4'].map((key) => ask({ key }));
    for (const response of await Promise.all(junk)) expect([401, 503]).toContain(response.status);
    expect((await ask({ key: there })).status).toBe(200);
    for (const { release } of held) release();
    await until(() => gate.inFlight === 0);
  });

  it('forgets who left while he waited', async () => {
    const held = await hold(here, SEATS);
    const leave = new AbortController();
    const gone = ask({ key: here, signal: leave.signal }).catch(() => null);
    await until(() => gate.queued === 1);
    leave.abort();
    await gone;
    await until(() => gate.queued === 0);
    for (const { release } of held) release();
    await until(() => gate.inFlight === 0);
    expect(provider.requests).toHaveLength(SEATS);
  });

  it('keeps no refusal for an Idempotency-Key', async () => {
    const headers = { 'idempotency-key': 'once' };
    await useHeap(0.86);
    const refused = await ask({ key: here, headers });
    expect([refused.status, refused.headers.get('idempotent-replayed')]).toEqual([503, null]);
    await refused.text();
    await useHeap(0);
    expect((await ask({ key: here, headers })).status).toBe(200);
    await until(() => gate.inFlight === 0);
  });

  it('counts the messages of a WebSocket as requests', async () => {
    const socket = await ChatSocketClient.open(app.url, here);
    await until(() => gate.inFlight === 0);
    await useHeap(0.86);
    const message = { model: 'lab/llama', message: 'Hello' };
    expect(await socket.ask('1', message)).toMatchObject({ type: 'error', status: 503, error: { code: 'overloaded' } });
    await useHeap(0);
    expect(await socket.ask('2', message)).toMatchObject({ type: 'done' });
    expect(gate.inFlight).toBe(0);
    await socket.close();
  });

  it('reads no body that there is no room for, and has it again when the others are over', async () => {
    const bodies = app.nest.get(BodyMemory);
    const { limitBytes } = bodies;
    bodies.limitBytes = 300_000;
    const large = { ...ASK, messages: [{ role: 'user', content: 'x'.repeat(200_000) }] };
    const stalled = provider.stallAfter(1, PIECES);
    const first = await app.post('/v1/chat/completions', large, { key: here });
    expect(await metric('trunkline_admission_body_bytes')).toBeGreaterThan(200_000);
    const second = await app.post('/v1/chat/completions', large, { key: here });
    expect([second.status, second.headers.has('retry-after')]).toEqual([503, true]);
    const socket = await ChatSocketClient.open(app.url, here);
    const message = { model: 'lab/llama', message: 'x'.repeat(200_000), store: false };
    expect(await socket.ask('1', message)).toMatchObject({ type: 'error', error: { code: 'overloaded' } });
    await socket.close();
    expect((await ask({ key: here })).status).toBe(200);
    stalled.release();
    await first.text();
    await until(() => bodies.totalBytes === 0);
    expect((await app.post('/v1/chat/completions', large, { key: here })).status).toBe(200);
    bodies.limitBytes = limitBytes;
  });
});
