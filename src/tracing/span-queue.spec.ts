import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { makeCertificate } from '../../test/support/make-certificate.js';
import { type Clock, SystemClock } from '../core/clock.js';
import type { TraceExportConfig } from '../config/tracing-config.js';
import { type SpanDropReason, Telemetry } from '../core/telemetry/telemetry.js';
import type { Tracing } from '../core/telemetry/tracing.js';
import { openTracing } from './open-tracing.js';
import { SpanQueue } from './span-queue.js';
import type { SpanSender } from './span-sender.js';

const SECRET = 'a-secret-of-the-collector';
const TOO_MUCH = 64 * 1024 * 1024;

type Settings = Partial<TraceExportConfig['queue']> & { timeoutMs?: number; clock?: Clock; isSecure?: boolean };

/** Nothing here takes so long, however busy the machine is. */
const LONG_MS = 600_000;
/** What is waited for where nothing else can happen. */
const SHORT_MS = 300;

/** Ten times as fast. */
class QuickClock extends SystemClock {
  override schedule(callback: () => void, ms: number): () => void {
    return super.schedule(callback, ms / 10);
  }
}

/** What the metrics are told, and when. */
class Counts extends Telemetry {
  exported = 0;
  readonly dropped: Partial<Record<SpanDropReason, number>> = {};
  #waiting: (() => void)[] = [];

  override traceSpansExported({ count }: { count: number }): void {
    this.exported += count;
    this.#wake();
  }

  override traceSpansDropped({ reason, count }: { reason: SpanDropReason; count: number }): void {
    this.dropped[reason] = (this.dropped[reason] ?? 0) + count;
    this.#wake();
  }

  async until(isThere: () => boolean): Promise<void> {
    while (!isThere()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

let server: Server;
let counts: Counts;
let tracing: Tracing | null;
let said: string[];
let rejections: unknown[];
const noteRejection = (reason: unknown): void => {
  rejections.push(reason);
};

beforeEach(() => {
  counts = new Counts();
  tracing = null;
  said = [];
  rejections = [];
  process.on('unhandledRejection', noteRejection);
  const note = (message: unknown): void => {
    said.push(String(message));
  };
  Logger.overrideLogger({ log: note, warn: note, error: note });
});

afterEach(async () => {
  await tracing?.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  process.off('unhandledRejection', noteRejection);
  Logger.overrideLogger(false);
  expect(rejections).toEqual([]);
  expect(said.join('\n')).not.toContain(SECRET);
});

/** Traces to a collector that answers so. */
async function traceTo(
  answer: RequestListener,
  { timeoutMs = LONG_MS, clock = new SystemClock(), isSecure = false, ...queue }: Settings = {},
): Promise<Tracing> {
  server = isSecure ? createTlsServer(makeCertificate({ host: '127.0.0.1' }), answer) : createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const config: TraceExportConfig = {
    url: `${isSecure ? 'https' : 'http'}://127.0.0.1:${String(port)}/v1/traces`,
    headers: { authorization: SECRET },
    isCompressed: false,
    timeoutMs,
    resourceAttributes: { 'service.name': 'test' },
    sampler: 'always_on',
    samplingRatio: 1,
    queue: { delayMs: 1, maxSpans: 50, batchSpans: 10, ...queue },
  };
  tracing = openTracing(config, { clock, telemetry: counts, version: '0' });
  return tracing;
}

async function work({ tracer }: Tracing, spans: number): Promise<void> {
  for (let count = 0; count < spans; count += 1) {
    const job = { id: 'job', kind: 'test', attempt: 1, projectId: 'p', origin: null };
    await tracer?.job(
      job,
      () => Promise.resolve(),
      () => 'failed',
    );
  }
}

describe('spans on their way to a collector', () => {
  it('are sent in batches, and counted', async () => {
    let requests = 0;
    const answering = await traceTo((request, response) => {
      requests += 1;
      request.resume().on('end', () => response.end());
    });
    await work(answering, 25);
    await counts.until(() => counts.exported === 25);
    expect(requests).toBeGreaterThanOrEqual(3);
    expect(counts.dropped).toEqual({});
  });

  it('are dropped where the collector refuses them, with one word about it', async () => {
    const refusing = await traceTo((request, response) => {
      // Some servers say what they were sent.
      request.resume().on('end', () => response.writeHead(400, SECRET).end(String(request.headers.authorization)));
    });
    await work(refusing, 25);
    await counts.until(() => counts.dropped.export_failed === 25);
    expect(said).toEqual(['Spans cannot be sent to the collector (status 400); they are dropped.']);
  });

  it('are dropped beyond the queue while the collector hangs, and nobody waits', async () => {
    const hanging = await traceTo(() => undefined, { delayMs: LONG_MS, timeoutMs: SHORT_MS });
    await work(hanging, 200);
    // One batch is under way, and fifty wait.
    expect(counts.dropped.queue_full).toBe(140);
    await counts.until(() => (counts.dropped.export_failed ?? 0) >= 10);
  });

  it('are dropped when nobody listens', async () => {
    const silent = await traceTo(() => undefined, { timeoutMs: SHORT_MS });
    await new Promise((resolve) => server.close(resolve));
    await work(silent, 10);
    await counts.until(() => counts.dropped.export_failed === 10);
    expect(said).toEqual(['Spans cannot be sent to the collector (ECONNREFUSED); they are dropped.']);
    server = createServer().listen(0);
  });

  it('are not given to a collector whose certificate nobody vouches for', async () => {
    let requests = 0;
    const forged = await traceTo(() => (requests += 1), { isSecure: true });
    await work(forged, 10);
    await counts.until(() => counts.dropped.export_failed === 10);
    expect(requests).toBe(0);
    expect(said).toEqual(['Spans cannot be sent to the collector (DEPTH_ZERO_SELF_SIGNED_CERT); they are dropped.']);
  });

  it('do not make anybody read an answer without end', async () => {
    let written = 0;
    const flooding = await traceTo((request, response) => {
      request.resume();
      const piece = Buffer.alloc(64 * 1024);
      const flood = (): void => {
        while (written < TOO_MUCH && !response.destroyed) {
          written += piece.length;
          if (!response.write(piece)) {
            response.once('drain', flood);
            return;
          }
        }
      };
      flood();
    });
    await work(flooding, 10);
    await counts.until(() => counts.dropped.export_failed === 10);
    expect(written).toBeLessThan(TOO_MUCH / 2);
  });

  it('end in time though the answer comes drop by drop', async () => {
    const timers: NodeJS.Timeout[] = [];
    const dripping = await traceTo(
      (request, response) => {
        request.resume();
        timers.push(setInterval(() => response.write('.'), 50));
      },
      { timeoutMs: SHORT_MS, clock: new QuickClock() },
    );
    await work(dripping, 10);
    await counts.until(() => counts.dropped.export_failed === 10);
    for (const timer of timers) clearInterval(timer);
  });

  it('are sent at the end of the process', async () => {
    const answering = await traceTo((request, response) => request.resume().on('end', () => response.end()), {
      delayMs: LONG_MS,
    });
    await work(answering, 5);
    await answering.close();
    expect(counts.exported).toBe(5);
    await work(answering, 1);
    expect(counts.dropped).toEqual({ shutdown: 1 });
  });

  it('are sent though the process ends in the very moment when the others were taken', async () => {
    server = createServer().listen(0);
    const span = { spanContext: () => ({ traceFlags: 1 }) } as unknown as ReadableSpan;
    const nothing = (): void => undefined;
    const sender = { send: () => Promise.resolve(true), abort: nothing, close: nothing } as unknown as SpanSender;
    const limits = { delayMs: LONG_MS, maxSpans: 50, batchSpans: 1 };
    const queue = new SpanQueue({ sender, limits, clock: new SystemClock(), telemetry: counts });
    queue.onEnd(span);
    await counts.until(() => counts.exported === 1);
    queue.onEnd(span);
    await queue.close(LONG_MS);
    expect([counts.exported, counts.dropped]).toEqual([2, {}]);
  });

  it('do not hold the end of the process up', async () => {
    // Far longer than the test may take.
    const hanging = await traceTo(() => undefined, { delayMs: LONG_MS, clock: new QuickClock() });
    await work(hanging, 45);
    await hanging.close();
    expect(counts.dropped).toEqual({ export_failed: 10, shutdown: 35 });
  });
});
