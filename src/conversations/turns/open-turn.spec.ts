import { beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { FakeClock } from '../../../test/support/fake-clock.js';
import type { GatewayConfig } from '../../config/gateway-config.js';
import { CallContext } from '../../core/call-context.js';
import type { ChatEvent } from '../../core/chat/chat-event.js';
import { AppError } from '../../core/errors/app-error.js';
import type { InstanceHeartbeatService } from '../../database/instance-heartbeat.service.js';
import type { TurnStore } from '../store/turn-store.js';
import type { EndedTurn, TurnPlace } from '../store/write-turn.js';
import { OpenTurn } from './open-turn.js';
import { RecordedEvents } from './recorded-events.js';
import { TurnWriter } from './turn-writer.service.js';

const PLACE: TurnPlace = { conversationId: 'conv_1', turn: 1, answerAt: 1 };
const GATEWAY = { conversations: { maxMessageBytes: 100 } } as GatewayConfig;

/** A store that writes down what it is told, and fails as often as it is to. */
class FakeStore {
  readonly log: string[] = [];
  failures = 0;
  held: readonly TurnPlace[] = [];

  save = (_place: TurnPlace, answer: Omit<EndedTurn, 'status'>): Promise<void> => this.#note(`save ${textOf(answer)}`);
  end = (_place: TurnPlace, ended: EndedTurn): Promise<void> => this.#note(`${ended.status} ${textOf(ended)}`);
  discard = (_place: TurnPlace, isNew: boolean): Promise<void> => this.#note(`discard ${String(isNew)}`);
  endAbandoned = (_id: string, held: readonly TurnPlace[]): Promise<void> => {
    this.held = held;
    return Promise.resolve();
  };

  #note(line: string): Promise<void> {
    if (this.failures > 0) {
      this.failures -= 1;
      return Promise.reject(new Error('The database is away.'));
    }
    this.log.push(line);
    return Promise.resolve();
  }
}

function textOf({ messages }: Pick<EndedTurn, 'messages'>): string {
  return messages.map(({ content }) => /"text":"([^"]*)"/.exec(content)?.[1] ?? '').join('|');
}

function setUp(isNew = false): {
  store: FakeStore;
  clock: FakeClock;
  call: CallContext;
  writer: TurnWriter;
  turn: OpenTurn;
} {
  const store = new FakeStore();
  const clock = new FakeClock();
  const heartbeat = { instanceId: 'inst_1' } as InstanceHeartbeatService;
  const writer = new TurnWriter(store as unknown as TurnStore, heartbeat, clock, GATEWAY);
  const call = new CallContext({ id: 'req_1', surface: 'native', receivedAt: 0 });
  call.conversationId = 'conv_1';
  return { store, clock, call, writer, turn: new OpenTurn(PLACE, isNew, call, writer, clock) };
}

function text(piece: string): ChatEvent {
  return { type: 'text-delta', choice: 0, text: piece };
}

async function* answering(pieces: readonly string[], failure?: Error): AsyncGenerator<ChatEvent> {
  for (const piece of pieces) {
    await Promise.resolve();
    yield text(piece);
  }
  if (failure) throw failure;
}

describe('OpenTurn', () => {
  beforeAll(() => {
    Logger.overrideLogger(false);
  });

  it('keeps the beginning of an answer that is longer than a message may be, and marks it', async () => {
    const { store, turn, call } = setUp();
    const events = new RecordedEvents(answering(['x'.repeat(60), 'y'.repeat(60), 'z']), turn);
    while ((await events.next()).done !== true);
    expect(store.log).toEqual([`partial ${'x'.repeat(60)}`]);
    expect(call.warnings).toEqual([expect.stringContaining('keeps its beginning')]);
  });

  it('stores the answer before its end is passed on', async () => {
    const { store, turn, writer } = setUp();
    const events = new RecordedEvents(answering(['One', ' two']), turn);
    await events.next();
    await events.next();
    expect(store.log).toEqual([]);
    await writer.sweep();
    expect(store.held).toEqual([PLACE]);
    expect(await events.next()).toEqual({ done: true, value: undefined });
    expect(store.log).toEqual(['completed One two']);
    await writer.sweep();
    expect(store.held).toEqual([]);
  });

  it.each<[string, string, (turn: OpenTurn, call: CallContext) => Promise<unknown>]>([
    ['breaks off', 'partial One', (turn) => drain(new RecordedEvents(answering(['One'], new Error('cut')), turn))],
    [
      'breaks off before its first word',
      'failed ',
      (turn) => drain(new RecordedEvents(answering([], new Error('cut')), turn)),
    ],
    [
      'is not read to its end',
      'partial One',
      async (turn) => {
        const events = new RecordedEvents(answering(['One', 'two']), turn);
        await events.next();
        await events.return();
      },
    ],
    [
      'is never read',
      'failed ',
      async (turn, call) => {
        call.finish();
        await turn.end(null);
      },
    ],
    ['fails after somebody was asked', 'failed ', (turn) => turn.fail(new AppError('upstream_unreachable', 'Gone.'))],
  ])('ends once when the answer %s', async (_name, expected, run) => {
    const { store, call, turn } = setUp();
    await run(turn, call);
    call.finish();
    await turn.end(null);
    expect(store.log).toEqual([expected]);
  });

  it('takes back what was refused before anybody was asked', async () => {
    const { store, call, turn } = setUp(true);
    await turn.fail(new AppError('model_not_found', 'Which?'));
    call.finish();
    expect(store.log).toEqual(['discard true']);
    expect(call.conversationId).toBeNull();
  });

  it('keeps what was refused by whoever was asked', async () => {
    const { store, call, turn } = setUp(true);
    call.attempts.push({} as never);
    await turn.fail(new AppError('content_filter', 'No.'));
    expect(store.log).toEqual(['failed ']);
    expect(call.conversationId).toBe('conv_1');
  });

  it('stores a long answer as far as it is there, again and again, and then whole', async () => {
    const { store, clock, turn } = setUp();
    await clock.advance(2_000);
    turn.add(text('One'));
    await clock.advance(5_000);
    turn.add(text(' two'));
    await clock.advance(5_000);
    turn.add(text(' three'));
    await turn.end(null);
    await clock.advance(60_000);
    expect(store.log).toEqual(['save One', 'save One two', 'completed One two three']);
  });

  it('lets the answer go out while the database is away, says so, and stores it later', async () => {
    const { store, clock, call, turn, writer } = setUp();
    store.failures = 3;
    turn.add(text('One'));
    await turn.end(null);
    expect(call.warnings).toEqual([expect.stringContaining('could not be stored')]);
    await writer.sweep();
    expect(store.held).toEqual([PLACE]);
    await clock.advance(500);
    expect(store.log).toEqual([]);
    await clock.advance(3_000);
    expect(store.log).toEqual(['completed One']);
    await writer.sweep();
    expect(store.held).toEqual([]);
  });

  it('tries what waits for the database once more when the process stops', async () => {
    const { store, clock, turn, writer } = setUp();
    store.failures = 2;
    turn.add(text('One'));
    await turn.end(null);
    await clock.advance(500);
    expect(store.log).toEqual([]);
    await writer.beforeApplicationShutdown();
    expect(store.log).toEqual(['completed One']);
    await writer.sweep();
    expect(store.held).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });

  it.each<[string, (store: FakeStore) => void]>([
    ['is still away', (store) => (store.failures = Infinity)],
    ['does not answer', (store) => (store.end = () => new Promise(() => undefined))],
  ])('stops within two seconds when the database %s', async (_name, breakStore) => {
    const { store, clock, turn, writer } = setUp();
    store.failures = 1;
    turn.add(text('One'));
    await turn.end(null);
    breakStore(store);
    let isOver = false;
    const stopping = writer.beforeApplicationShutdown().then(() => (isOver = true));
    await clock.advance(2_000);
    expect(isOver).toBe(true);
    await stopping;
    expect(store.log).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('gives up in the end, so that the turn is ended as what is there of it', async () => {
    const { store, clock, turn, writer } = setUp();
    store.failures = Infinity;
    turn.add(text('One'));
    await turn.end(null);
    await clock.advance(3_600_000);
    await writer.sweep();
    expect(store.held).toEqual([]);
    expect(store.log).toEqual([]);
  });
});

async function drain(events: AsyncIterable<ChatEvent>): Promise<void> {
  try {
    for await (const event of events) if (event.type === 'finish') return;
  } catch {
    // What it fails with is told elsewhere.
  }
}
