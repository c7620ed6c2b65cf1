import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../test/support/fake-clock.js';
import { CallContext } from '../core/call-context.js';
import { AppError } from '../core/errors/app-error.js';
import type { SseFrame } from '../core/sse-frame.js';
import { attachReplySettings } from './reply-settings.js';
import { sendSse } from './sse-reply.js';
import { encodeFrame } from './sse-writer.js';

/** A response that keeps what is written and can be slow or gone. */
class FakeResponse extends EventEmitter {
  statusCode = 201;
  destroyed = false;
  writableEnded = false;
  isSlow = false;
  readonly headers = new Map<string, string>();
  readonly written: string[] = [];
  readonly socket = null;

  setHeader(name: string, value: string): void {
    this.headers.set(name, value);
  }

  write(text: string): boolean {
    this.written.push(text);
    return !this.isSlow;
  }

  end(): void {
    this.writableEnded = true;
  }

  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

/** Frames that a test hands out one by one. */
class Frames implements AsyncIterableIterator<SseFrame, undefined> {
  returned = 0;
  asked = 0;
  readonly #ready: (() => Promise<IteratorResult<SseFrame, undefined>>)[] = [];
  #waiting: ((step: Promise<IteratorResult<SseFrame, undefined>>) => void) | undefined;

  push(data: string): void {
    this.#add(() => Promise.resolve({ done: false, value: { data } }));
  }

  fail(error: Error): void {
    this.#add(() => Promise.reject(error));
  }

  finish(): void {
    this.#add(() => Promise.resolve({ done: true, value: undefined }));
  }

  next(): Promise<IteratorResult<SseFrame, undefined>> {
    this.asked++;
    const ready = this.#ready.shift();
    if (ready) return ready();
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  return(): Promise<IteratorResult<SseFrame, undefined>> {
    this.returned++;
    this.#add(() => Promise.resolve({ done: true, value: undefined }));
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #add(step: () => Promise<IteratorResult<SseFrame, undefined>>): void {
    if (!this.#waiting) this.#ready.push(step);
    else {
      this.#waiting(step());
      this.#waiting = undefined;
    }
  }
}

const KEEP_ALIVE = ': keep-alive\n\n';

function setUp(): {
  clock: FakeClock;
  response: FakeResponse;
  frames: Frames;
  reported: string[];
  send: (source?: Promise<AsyncIterable<SseFrame>>) => Promise<void>;
} {
  const clock = new FakeClock();
  const response = new FakeResponse();
  const frames = new Frames();
  const reported: string[] = [];
  const target = response as unknown as ServerResponse;
  attachReplySettings(target, {
    clock,
    commitMs: 10_000,
    keepAliveMs: 5_000,
    writeMs: 30_000,
    reportFailure: (error) => reported.push(error.code),
  });
  const call = new CallContext({ id: 'req_1', surface: 'openai', receivedAt: 0 });
  const send = (source: Promise<AsyncIterable<SseFrame>> = Promise.resolve(frames)): Promise<void> =>
    sendSse(target, call, source, (error, id) => ({ data: `${error.code} ${id}` }));
  return { clock, response, frames, reported, send };
}

describe('sendSse', () => {
  it('sends the head with the first frame, and ends properly', async () => {
    const { clock, response, frames, send } = setUp();
    const sent = send();
    await clock.advance(0);
    expect(response.headers.size).toBe(0);
    frames.push('one');
    frames.push('[DONE]');
    frames.finish();
    await sent;
    expect(response.statusCode).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(response.headers.get('x-accel-buffering')).toBe('no');
    expect(response.written).toEqual(['data: one\n\n', 'data: [DONE]\n\n']);
    expect(response.writableEnded).toBe(true);
    expect(clock.pendingTimers).toBe(0);
  });

  it('rejects with what fails before the head', async () => {
    const { clock, response, send } = setUp();
    const failure = new AppError('upstream_unreachable', 'Gone.');
    await expect(send(Promise.reject(failure))).rejects.toBe(failure);
    expect(response.written).toEqual([]);
    expect(response.writableEnded).toBe(false);
    expect(clock.pendingTimers).toBe(0);
  });

  it('commits with a comment when nothing came in time, and goes on commenting', async () => {
    const { clock, response, frames, send } = setUp();
    const sent = send(clock.sleep(21_000).then(() => frames));
    await clock.advance(9_999);
    expect(response.written).toEqual([]);
    await clock.advance(1);
    expect(response.written).toEqual([KEEP_ALIVE]);
    await clock.advance(11_000);
    expect(response.written).toEqual([KEEP_ALIVE, KEEP_ALIVE, KEEP_ALIVE]);
    frames.push('late');
    frames.finish();
    await sent;
    expect(response.written.at(-1)).toBe('data: late\n\n');
  });

  it('tells a failure after the commit in band', async () => {
    const { clock, response, reported, send } = setUp();
    const sent = send(clock.sleep(12_000).then(() => Promise.reject(new AppError('upstream_timeout', 'Late.'))));
    await clock.advance(12_000);
    await sent;
    expect(response.written.at(-1)).toBe('data: upstream_timeout req_1\n\n');
    expect(response.writableEnded).toBe(true);
    expect(reported).toEqual(['upstream_timeout']);
  });

  it('tells a failure after content in band, and an unexpected one as our own', async () => {
    const { clock, response, frames, reported, send } = setUp();
    const sent = send();
    frames.push('one');
    frames.fail(new Error('secret detail'));
    await sent;
    expect(response.written).toEqual(['data: one\n\n', 'data: internal_error req_1\n\n']);
    expect(reported).toEqual(['internal_error']);
    expect(clock.pendingTimers).toBe(0);
  });

  it('comments only in silence', async () => {
    const { clock, response, frames, send } = setUp();
    const sent = send();
    frames.push('one');
    await clock.advance(3_000);
    frames.push('two');
    await clock.advance(4_000);
    expect(response.written).toEqual(['data: one\n\n', 'data: two\n\n']);
    await clock.advance(1_000);
    expect(response.written.at(-1)).toBe(KEEP_ALIVE);
    frames.finish();
    await sent;
  });

  it('asks for no more while the client does not read', async () => {
    const { clock, response, frames, send } = setUp();
    response.isSlow = true;
    const sent = send();
    frames.push('one');
    frames.push('two');
    await clock.advance(20_000);
    expect(frames.asked).toBe(1);
    expect(response.written).toEqual(['data: one\n\n']);
    response.isSlow = false;
    response.emit('drain');
    frames.finish();
    await sent;
    expect(response.written).toEqual(['data: one\n\n', 'data: two\n\n']);
  });

  it('cuts a client that has not read for the write time', async () => {
    const { clock, response, frames, send } = setUp();
    response.isSlow = true;
    const sent = send();
    frames.push('one');
    await clock.advance(29_999);
    expect(response.destroyed).toBe(false);
    await clock.advance(1);
    await sent;
    expect(response.destroyed).toBe(true);
    expect(frames.returned).toBe(1);
    expect(clock.pendingTimers).toBe(0);
  });

  it('returns the frames when the client leaves', async () => {
    const { clock, response, frames, send } = setUp();
    const sent = send();
    frames.push('one');
    await clock.advance(0);
    response.destroy();
    await sent;
    expect(frames.returned).toBe(1);
    expect(clock.pendingTimers).toBe(0);
  });

  it('returns frames that come only after the client has left', async () => {
    const { clock, response, frames, send } = setUp();
    const sent = send(clock.sleep(1_000).then(() => frames));
    response.destroy();
    await clock.advance(1_000);
    await sent;
    expect(frames.returned).toBe(1);
    expect(frames.asked).toBe(0);
    expect(response.written).toEqual([]);
  });
});

describe('encodeFrame', () => {
  it.each<[SseFrame, string]>([
    [{ data: '{}' }, 'data: {}\n\n'],
    [{ event: 'ping', data: '{}' }, 'event: ping\ndata: {}\n\n'],
    [{ data: 'a\n\nevent: evil\ndata: b' }, 'data: a\ndata: \ndata: event: evil\ndata: data: b\n\n'],
    [{ data: 'a\rb\r\nc' }, 'data: a\ndata: b\ndata: c\n\n'],
  ])('writes %j as one event', (frame, expected) => {
    expect(encodeFrame(frame)).toBe(expected);
  });
});
