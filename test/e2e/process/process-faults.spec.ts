import { closeSync, openSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CRASH_EXIT_CODE, FORCED_EXIT_CODE, SAME_SIGNAL_MS } from '../../../src/core/stop-signals.js';
import { ChatSocketClient } from '../../support/chat-socket.js';
import { rawRequest, sendRaw } from '../../support/raw-http.js';
import { readSse, type ReadFrame } from '../../support/read-sse.js';
import { ProcessWorld, until } from './process-world.js';

const LONG_MS = 180_000;
const ESCAPE = '\u001b';
const STREAMS = 25;
/** Of them, those that end only after the port is closed. */
const LATE = 5;
const UPLOADS = 5;
const OPEN_FILES = 256;
const CONNECTIONS = 500;
/** Grace and drain are over when a test says so. */
const HELD_SECONDS = 307;

// One process after the other: what one leaves behind is what the next one finds.
describe('the process', () => {
  const world = new ProcessWorld();
  const { bench } = world;
  const { provider } = bench;
  let batch = '';

  beforeAll(() => {
    const seconds = String(HELD_SECONDS);
    return world.open({ DRAIN_GRACE_SECONDS: seconds, DRAIN_SECONDS: seconds, HELD_TIMER_MS: `${seconds}000` });
  }, LONG_MS);

  afterAll(() => world.close(), LONG_MS);

  async function isPortClosed(): Promise<boolean> {
    return world.get('/health/live').then(
      () => false,
      () => true,
    );
  }

  it(
    'X02 logs one line of JSON for each request, whatever is in it',
    async () => {
      // What is no HTTP at all is refused before it is a request.
      const quotes = 'a"},{"level":"fatal\\';
      const evil = `${ESCAPE}[31m${quotes}`;
      const authorization = `Authorization: Bearer ${bench.key}`;
      for (const header of [
        `User-Agent: ${quotes}`,
        `X-Request-Id: ${quotes}`,
        `X-Api-Key: tl_${quotes}`,
        `X-Trunkline-Tags: ${quotes}`,
        'X-Request-Id: a%0d%0ab',
        `traceparent: ${quotes}`,
      ]) {
        await sendRaw(
          world.url,
          rawRequest('GET /v1/models?a=%0d%0a%22', [authorization, header, 'Connection: close']),
        );
      }
      for (const model of ['a\r\n{"level":"fatal"}', evil, '\u2028\u0000', 'x'.repeat(5_000)]) {
        await bench.post('/v1/chat', { model, message: 'Hi' });
      }
      const lines = await world.logged('request', 10);
      expect(lines.map(({ msg }) => msg)).toEqual(Array(10).fill('request'));
      for (const { level, time } of lines) {
        expect(['info', 'warn']).toContain(level);
        expect(new Date(time).toISOString()).toBe(time);
      }
      expect(JSON.stringify(lines)).not.toContain(bench.key);
      expect(JSON.stringify(lines)).not.toContain('fatal');
    },
    LONG_MS,
  );

  it(
    'O32 answers while nobody reads its log, and goes on with it when somebody does',
    async () => {
      // Twice what a pipe holds.
      const requests = 400;
      for (let sent = 0; sent < requests; sent += 50) {
        const answers = await Promise.all(Array.from({ length: 50 }, () => world.get('/v1/none')));
        expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([404]));
      }
      const lines = await world.logged('request', requests);
      expect(lines).toHaveLength(requests);
      expect(await world.metric('trunkline_log_lines_dropped_total')).toBe(0);
      world.readLog();
    },
    LONG_MS,
  );

  it(
    'O10 is not ready at once, goes on for those who have not noticed, then lets what is under way finish or tells it',
    async () => {
      provider.hang().times(4);
      batch = await world.beginBatch(4);
      await until(() => provider.requests.length === 4);
      const short = provider.stallAfter(1, { pieces: ['All', ' of it.'] }).times(STREAMS - LATE);
      const finishing = await world.openStreams(STREAMS - LATE);
      const later = provider.stallAfter(1, { pieces: ['All', ' of it.'] }).times(LATE);
      const finishingLate = await world.openStreams(LATE);
      provider.stallAfter(1, { pieces: ['Not', ' all.'] }).times(STREAMS);
      const cut = await world.openStreams(STREAMS);
      const uploads = await Promise.all(
        Array.from({ length: UPLOADS }, (_, index) => world.beginUpload(`${String(index)}.txt`)),
      );
      const sockets = await Promise.all(Array.from({ length: 3 }, () => ChatSocketClient.open(world.url, bench.key)));
      provider.reply({ text: 'Yes.' }).forever();

      const ended = bench.server.end('SIGTERM');
      await until(async () => (await world.get('/health/ready')).status === 503);
      expect((await world.get('/health/live')).status).toBe(200);
      const late = await bench.post('/v1/chat', { model: 'lab/chat', message: 'Still there?' });
      expect([late.status, late.headers.get('connection')]).toEqual([200, 'close']);
      await late.text();
      short.release();
      const [stuck, ...finish] = uploads;
      expect(await Promise.all(finish.map((upload) => upload.finish()))).toEqual(Array(UPLOADS - 1).fill(202));
      const whole = await Promise.all(finishing.map(readSse));
      bench.server.signal('SIGUSR2');
      await until(isPortClosed);
      later.release();
      whole.push(...(await Promise.all(finishingLate.map(readSse))));
      for (const frames of whole) expect(frames.some(isUnfinished)).toBe(false);
      bench.server.signal('SIGUSR2');
      const broken = await Promise.all(cut.map(readSse));
      for (const frames of broken) {
        expect(isUnfinished(frames.at(-1))).toBe(true);
        expect(frames.map(({ data }) => data)).not.toContain('[DONE]');
      }
      expect(await stuck?.status).toBe(503);
      for (const socket of sockets) expect(await socket.closed).toMatchObject({ code: 1001 });
      expect(await ended).toBe(0);
    },
    LONG_MS,
  );

  it(
    'O10 O32 has lost nothing by that, and serves as well with a log on a disk that is full',
    async () => {
      const full = openSync('/dev/full', 'w');
      await world.start({ DRAIN_SECONDS: '600' }, { stdout: full });
      closeSync(full);
      expect(await bench.problems()).toEqual([]);
      await until(async () => {
        const { status } = (await (await world.get(`/v1/batches/${batch}`)).json()) as { status: string };
        return status === 'completed';
      });
      const dropped = await world.metric('trunkline_log_lines_dropped_total');
      expect(dropped).toBeGreaterThan(0);
      await world.get('/health/live');
      expect(await world.metric('trunkline_log_lines_dropped_total')).toBeGreaterThan(dropped);
    },
    LONG_MS,
  );

  it(
    'O11 ends at once at the second signal, and what is under way is in the books after the next start',
    async () => {
      provider.stallAfter(1, { pieces: ['Not', ' all.'] }).times(5);
      const open = await world.openStreams(5);
      const ended = bench.server.end('SIGTERM');
      await until(isPortClosed);
      // What comes sooner is the same key press, which npm repeats.
      await delay(SAME_SIGNAL_MS + 100);
      expect(await bench.server.end('SIGTERM')).toBe(FORCED_EXIT_CODE);
      expect(await ended).toBe(FORCED_EXIT_CODE);
      for (const response of open) await response.text().catch(() => undefined);
      await bench.buryTheDead();
      await world.start({ DRAIN_SECONDS: '600' }, { openFiles: OPEN_FILES });
      expect(await bench.problems()).toEqual([]);
      for (const { headers } of open) {
        const row = await world.get(`/v1/usage/requests/${headers.get('x-request-id') ?? ''}`);
        expect(await row.json()).toMatchObject({ status: 'abandoned' });
      }
    },
    LONG_MS,
  );

  it(
    'O30 bears more connections than it can have, says so no more than once, and takes others afterwards',
    async () => {
      const { port } = new URL(world.url);
      const { pid } = bench.server;
      world.readLog();
      const sockets = Array.from({ length: CONNECTIONS }, () => connect(Number(port), '127.0.0.1'));
      await Promise.all(sockets.map(connected));
      for (const socket of sockets) socket.destroy();
      await until(() =>
        world.get('/health/live').then(
          ({ status }) => status === 200,
          () => false,
        ),
      );
      expect((await bench.post('/v1/chat', { model: 'lab/chat', message: 'Hi' })).status).toBe(200);
      expect(bench.server.pid).toBe(pid);
      const complaints = (await world.logged('request', 2)).filter(({ msg }) => msg !== 'request');
      expect(complaints.length).toBeLessThanOrEqual(3);
    },
    LONG_MS,
  );

  it(
    'O29 answers the request that failed out of reach with 500, lets the others finish, and ends so that another is started',
    async () => {
      const whole = provider.stallAfter(1, { pieces: ['All', ' of it.'] });
      const [finishing] = await world.openStreams(1);
      provider.hang().times(2);
      const failed = await Promise.all(
        ['fault: exception', 'fault: rejection'].map((message) =>
          bench.post('/v1/chat', { model: 'lab/chat', message }),
        ),
      );
      whole.release();
      expect(failed.map(({ status }) => status)).toEqual([500, 500]);
      expect(finishing && (await readSse(finishing)).some(isUnfinished)).toBe(false);
      const ids = failed.map(({ headers }) => headers.get('x-request-id'));
      for (const [index, response] of failed.entries()) {
        const { error } = (await response.json()) as { error: { code: string; message: string } };
        expect(error.code).toBe('internal_error');
        expect(error.message).toContain(ids[index]);
        expect(error.message).not.toContain('injected');
      }
      expect(await bench.server.ended()).toBe(CRASH_EXIT_CODE);
      const told = world.readLog().filter(({ level }) => level === 'fatal');
      expect(told.map(({ request_id: id }) => id).sort()).toEqual(ids.sort());
      expect(JSON.stringify(told)).toMatch(/nobody caught this.*nobody waited|nobody waited.*nobody caught this/);
      expect(JSON.stringify(told)).not.toContain('sk-proj-');
    },
    LONG_MS,
  );
});

/** Resolves when a connection was made or refused. */
function connected(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('connect', resolve);
    socket.on('error', () => {
      resolve();
    });
  });
}

function isUnfinished(frame: ReadFrame | undefined): boolean {
  // Anthropic's errors have no code, and say so in words.
  return /server_shutting_down|server is shutting down/.test(frame?.data ?? '');
}
