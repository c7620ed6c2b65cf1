import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../../test/support/fake-clock.js';
import { Exchange, type ExchangeOptions } from './exchange.js';
import { TRANSPORT_LIMITS } from './transport-limits.js';

class FakeController {
  aborted = false;
  paused = false;
  reason: Error | null = null;

  abort(reason: Error): void {
    this.aborted = true;
    this.reason = reason;
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }
}

function setUp(options: Partial<ExchangeOptions> = {}): {
  exchange: Exchange;
  clock: FakeClock;
  controller: FakeController;
  failure: Promise<unknown>;
} {
  const clock = new FakeClock();
  const exchange = new Exchange({
    signals: [],
    connectMs: 5_000,
    headMs: 30_000,
    clock,
    limits: { ...TRANSPORT_LIMITS, bufferedBytes: 10 },
    ...options,
  });
  const failure = exchange.response.then(
    () => null,
    (error: unknown) => error,
  );
  return { exchange, clock, controller: new FakeController(), failure };
}

describe(Exchange.name, () => {
  it('F04: gives up on a connection at its timer, and drops the request if the connection comes later', async () => {
    const { exchange, clock, controller, failure } = setUp();
    exchange.awaitConnection();
    await clock.advance(4_999);
    expect(exchange.isOver).toBe(false);
    await clock.advance(1);
    expect(await failure).toMatchObject({ kind: 'connect-timeout' });
    exchange.onRequestStart(controller);
    expect(controller.aborted).toBe(true);
    expect(clock.pendingTimers).toBe(0);
  });

  it('F05: counts the time to the response head from sending', async () => {
    const { exchange, clock, controller, failure } = setUp();
    exchange.awaitConnection();
    await clock.advance(4_000);
    exchange.onRequestStart(controller);
    await clock.advance(29_999);
    expect(exchange.isOver).toBe(false);
    await clock.advance(1);
    expect(await failure).toMatchObject({ kind: 'timeout' });
    expect(controller.aborted).toBe(true);
  });

  it('F05, F21: tells how far the request has come', () => {
    const heard: string[] = [];
    const progress = { sent: () => heard.push('sent'), responded: () => heard.push('responded') };
    const { exchange, controller } = setUp({ progress });
    exchange.awaitConnection();
    expect(heard).toEqual([]);
    exchange.onRequestStart(controller);
    expect(heard).toEqual(['sent']);
    exchange.onResponseStart(controller, 200, {});
    expect(heard).toEqual(['sent', 'responded']);
  });

  it('leaves no timer and no listener behind', async () => {
    const { signal } = new AbortController();
    const { exchange, clock, controller } = setUp({ signals: [signal] });
    exchange.awaitConnection();
    exchange.onRequestStart(controller);
    exchange.onResponseStart(controller, 200, {});
    exchange.onResponseEnd();
    expect(clock.pendingTimers).toBe(0);
    const { body } = await exchange.response;
    expect(await body.read()).toBeNull();
  });

  it('pauses the connection of a slow reader, and delivers what came before a break', async () => {
    const { exchange, controller } = setUp();
    exchange.onRequestStart(controller);
    exchange.onResponseStart(controller, 200, {});
    exchange.onResponseData(controller, Buffer.alloc(8));
    expect(controller.paused).toBe(false);
    exchange.onResponseData(controller, Buffer.alloc(8));
    expect(controller.paused).toBe(true);
    const { body } = await exchange.response;
    exchange.onResponseError(controller, new Error('other side closed'));
    expect((await body.read())?.byteLength).toBe(16);
    await expect(body.read()).rejects.toMatchObject({ kind: 'interrupted' });
  });

  it('gives all that is buffered at once, and then goes on reading', async () => {
    const { exchange, controller } = setUp();
    exchange.onRequestStart(controller);
    exchange.onResponseStart(controller, 200, {});
    for (const text of ['ab', 'cdefgh', 'ijklm']) exchange.onResponseData(controller, Buffer.from(text));
    const { body } = await exchange.response;
    expect(controller.paused).toBe(true);
    expect(Buffer.from((await body.read()) ?? []).toString()).toBe('abcdefghijklm');
    expect(controller.paused).toBe(false);
  });

  it('gives a waiting reader what one read of the connection brought together, before its end', async () => {
    const { exchange, controller } = setUp();
    exchange.onRequestStart(controller);
    exchange.onResponseStart(controller, 200, {});
    const { body } = await exchange.response;
    const read = body.read();
    exchange.onResponseData(controller, Buffer.from('ab'));
    exchange.onResponseData(controller, Buffer.from('cd'));
    exchange.onResponseEnd();
    expect(Buffer.from((await read) ?? []).toString()).toBe('abcd');
    expect(await body.read()).toBeNull();
  });

  it('tells a waiting reader of a break only after what came just before it', async () => {
    const { exchange, controller } = setUp();
    exchange.onRequestStart(controller);
    exchange.onResponseStart(controller, 200, {});
    const { body } = await exchange.response;
    const read = body.read();
    exchange.onResponseData(controller, Buffer.from('ab'));
    exchange.onResponseError(controller, new Error('other side closed'));
    expect(Buffer.from((await read) ?? []).toString()).toBe('ab');
    await expect(body.read()).rejects.toMatchObject({ kind: 'interrupted' });
  });

  it('lets a released body end, whatever its signals say, unless it goes on and on', async () => {
    const owner = new AbortController();
    const { exchange, controller } = setUp({ signals: [owner.signal] });
    exchange.onRequestStart(controller);
    exchange.onResponseStart(controller, 200, {});
    const { body } = await exchange.response;
    body.release();
    owner.abort();
    exchange.onResponseData(controller, Buffer.alloc(1000));
    expect(controller.aborted).toBe(false);
    exchange.onResponseData(controller, Buffer.alloc(100_000));
    expect(controller.aborted).toBe(true);
  });

  it('F41: refuses a flood of interim answers', async () => {
    const { exchange, controller, failure } = setUp();
    exchange.onRequestStart(controller);
    for (let count = 0; count < 17; count += 1) exchange.onResponseStart(controller, 103, {});
    expect(await failure).toMatchObject({ kind: 'malformed' });
  });

  it('carries the reason of a cancelled request as its cause', async () => {
    const reason = new Error('the client left');
    const { exchange, failure } = setUp({ signals: [AbortSignal.abort(reason)] });
    expect(exchange.isOver).toBe(true);
    expect(await failure).toMatchObject({ kind: 'aborted', cause: reason });
  });
});
