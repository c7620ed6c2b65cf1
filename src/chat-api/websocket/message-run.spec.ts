import { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { FakeClock } from '../../../test/support/fake-clock.js';
import { CallContext } from '../../core/call-context.js';
import { AppError } from '../../core/errors/app-error.js';
import type { SseFrame } from '../../core/sse-frame.js';
import { type MessageOutcome, MessageRun } from './message-run.js';
import { SocketWriter } from './socket-writer.js';

const WRITE_MS = 1_000;

/** A client whose connection takes so many messages before it is full. */
class FakeClient extends EventEmitter {
  readonly sent: Record<string, unknown>[] = [];
  readonly connection = Object.assign(new EventEmitter(), {
    writableNeedDrain: false,
    cork: () => undefined,
    uncork: () => undefined,
  });
  readyState: number = WebSocket.OPEN;
  isPaused = false;
  room = Infinity;

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
    this.room -= 1;
    this.connection.writableNeedDrain = this.room <= 0;
  }
  pause(): void {
    this.isPaused = true;
  }
  resume(): void {
    this.isPaused = false;
  }
  drain(): void {
    this.room = Infinity;
    this.connection.writableNeedDrain = false;
    this.connection.emit('drain');
  }
  types(): unknown[] {
    return this.sent.map(({ type }) => type);
  }
}

/** Frames that are asked for one by one. */
class FakeFrames implements AsyncIterable<SseFrame>, AsyncIterator<SseFrame> {
  asked = 0;
  isReturned = false;

  constructor(private readonly script: readonly (SseFrame | Error | 'hang')[]) {}

  [Symbol.asyncIterator](): this {
    return this;
  }
  next(): Promise<IteratorResult<SseFrame>> {
    const step = this.script[this.asked];
    this.asked += 1;
    if (step === undefined) return Promise.resolve({ done: true, value: undefined });
    if (step === 'hang') return new Promise(() => undefined);
    return step instanceof Error ? Promise.reject(step) : Promise.resolve({ done: false, value: step });
  }
  return(): Promise<IteratorResult<SseFrame>> {
    this.isReturned = true;
    return Promise.resolve({ done: true, value: undefined });
  }
}

const delta: SseFrame = { data: '{"type":"delta","content":"x"}' };
const done: SseFrame = { data: '{"type":"done"}' };
const end: SseFrame = { data: '[DONE]' };

describe('a message under way', () => {
  let clock: FakeClock;
  let client: FakeClient;
  let stuck: number;
  let outcomes: MessageOutcome[];
  let run: MessageRun;

  beforeEach(() => {
    clock = new FakeClock();
    client = new FakeClient();
    stuck = 0;
    outcomes = [];
    const socket = client as unknown as WebSocket;
    const connection = client.connection as unknown as Duplex;
    const writer = new SocketWriter(socket, connection, clock, WRITE_MS, () => {
      stuck += 1;
      run.cancel();
    });
    const call = new CallContext({ id: 'req_1', surface: 'native', receivedAt: clock.now() });
    run = new MessageRun(call, 'm', writer, (outcome) => outcomes.push(outcome));
  });

  const answer = (frames: FakeFrames): Promise<void> => run.answer(() => Promise.resolve(frames));

  it('passes on all frames but the end, and finishes the call once', async () => {
    let cleanups = 0;
    run.call.defer(() => (cleanups += 1));
    await answer(new FakeFrames([delta, done, end]));
    run.cancel();
    run.fail(new AppError('upstream_timeout', 'Too late.'));
    expect(client.sent).toEqual([
      { id: 'm', type: 'delta', content: 'x' },
      { id: 'm', type: 'done' },
    ]);
    expect([outcomes, cleanups]).toEqual([[{ kind: 'answered' }], 1]);
  });

  it('asks for nothing while the client is behind, and hears nothing of it', async () => {
    client.room = 2;
    const frames = new FakeFrames([delta, delta, delta, delta, done, end]);
    const pending = answer(frames);
    await clock.advance(WRITE_MS - 1);
    expect([frames.asked, client.sent.length, client.isPaused]).toEqual([2, 2, true]);
    client.drain();
    await pending;
    expect([client.types().at(-1), client.isPaused, clock.pendingTimers, stuck]).toEqual(['done', false, 0, 0]);
  });

  it('gives up a client that stays behind', async () => {
    client.room = 1;
    void answer(new FakeFrames([delta, delta, done, end]));
    await clock.advance(WRITE_MS);
    expect([stuck, client.isPaused]).toEqual([1, false]);
  });

  it('lets go when the connection ends while the client is behind', async () => {
    client.room = 1;
    const frames = new FakeFrames([delta, 'hang']);
    void answer(frames);
    await clock.advance(0);
    client.readyState = WebSocket.CLOSED;
    client.connection.emit('close');
    run.cancel();
    await clock.advance(0);
    expect([outcomes, clock.pendingTimers, frames.isReturned]).toEqual([[{ kind: 'cancelled' }], 0, true]);
    expect(client.sent).toHaveLength(1);
  });

  it('says once how it ended when it is cancelled in the middle', async () => {
    const frames = new FakeFrames([delta, 'hang']);
    void answer(frames);
    await clock.advance(0);
    run.cancel();
    run.cancel();
    expect(client.types()).toEqual(['delta', 'cancelled']);
    expect([frames.isReturned, run.call.signal.aborted, outcomes.length]).toEqual([true, true, 1]);
  });

  it('closes an answer that comes after it was cancelled', async () => {
    const frames = new FakeFrames([delta, done, end]);
    let open: (frames: FakeFrames) => void = () => undefined;
    const pending = run.answer(() => new Promise((resolve) => (open = resolve)));
    run.cancel();
    open(frames);
    await pending;
    expect([client.types(), frames.asked, frames.isReturned]).toEqual([['cancelled'], 0, true]);
  });

  it.each<[string, Error, string]>([
    ['an error with a code', new AppError('upstream_timeout', 'Silent.'), 'upstream_timeout'],
    ['a mistake of ours', new Error('a secret of the database'), 'internal_error'],
  ])('ends with %s after content', async (_name, error, code) => {
    await answer(new FakeFrames([delta, error]));
    expect(client.sent.at(-1)).toMatchObject({ id: 'm', type: 'error', error: { code } });
    expect(JSON.stringify(client.sent)).not.toContain('secret');
    expect(outcomes).toMatchObject([{ kind: 'failed', error: { code } }]);
  });

  it('ends with an error when there is no answer at all', async () => {
    await run.answer(() => Promise.reject(new AppError('model_not_found', 'None.')));
    expect(client.types()).toEqual(['error']);
  });
});
