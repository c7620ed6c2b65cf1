import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { MeterBench } from '../../test/support/meter-bench.js';
import type { Attempt } from '../core/attempt.js';
import type { CallContext } from '../core/call-context.js';
import type { ChatEvent } from '../core/chat/chat-event.js';
import type { ChatRequest } from '../core/chat/chat-request.js';
import { tokenUsage, type TokenUsage } from '../core/chat/token-usage.js';
import { AppError, ClientGoneError } from '../core/errors/app-error.js';
import { PriceBook } from './pricing/price-book.js';
import type { UsageMeter } from './usage-meter.js';

let bench: MeterBench;
let call: CallContext;

function meterOf(unpricedModels: 'flag' | 'refuse' = 'flag'): UsageMeter {
  bench.unpricedModels = unpricedModels;
  return bench.meter();
}

beforeEach(() => {
  bench = new MeterBench();
  ({ call } = bench);
});

const attempt = (rest: Partial<Attempt> = {}): Attempt => bench.attempt(rest);

// 3 for the answer, 3 for the message, 2 for its text: 8 tokens.
const request = (model = 'gpt-4o'): ChatRequest => ({
  model,
  stream: true,
  messages: [{ role: 'user', content: [{ type: 'text', text: 'hello world' }] }],
});
const text = (value: string): ChatEvent => ({ type: 'text-delta', choice: 0, text: value });
const finish: ChatEvent = { type: 'finish', choice: 0, finishReason: 'stop' };
const usageEvent = (counts: Partial<TokenUsage>): ChatEvent => ({ type: 'usage', usage: tokenUsage(counts) });

async function* answer(...steps: (ChatEvent | Error)[]): AsyncGenerator<ChatEvent> {
  for (const step of steps) {
    if (step instanceof Error) throw step;
    yield step;
  }
}

async function read(events: AsyncIterable<ChatEvent>): Promise<ChatEvent[]> {
  const seen: ChatEvent[] = [];
  for await (const event of events) seen.push(event);
  return seen;
}

describe('what is known at once', () => {
  const budgets = [
    { id: 'b', owner: 'key', window: 'day', amountUsd: '1.0000000000', timeZone: 'UTC', model: null },
  ] as const;

  it.each([
    ['nothing limited', false, []],
    ['limits', true, []],
    ['limits and budgets', true, budgets],
  ])('costs no turn of the event loop beyond the promise itself: %s', async (_name, hasLimits, terms) => {
    Object.assign(bench, { hasLimits, call: bench.newCall({ budgets: terms }) });
    let isAdmitted = false;
    void meterOf()
      .admitChat({ ...request(), maxOutputTokens: 10 }, bench.call)
      .then(() => (isAdmitted = true));
    await Promise.resolve();
    expect(isAdmitted).toBe(true);
  });
});

describe('an answer that completes', () => {
  it('passes the same events on and bills what the provider reported', async () => {
    const events = [text('hello'), finish, usageEvent({ input: 1_000, output: 500 })];
    const meter = await meterOf().admitChat(request(), call);
    attempt({ usage: tokenUsage({ input: 1_000, output: 500 }), deliveredCharacters: 5 });
    const seen = await read(meter.meter(answer(...events)));
    expect(seen).toEqual(events);
    expect(seen[0]).toBe(events[0]);
    expect(call).toMatchObject({ costUsd: '0.0075000000', settled: true, usage: { input: 1_000, output: 500 } });
    expect(bench.rows).toEqual([]);
    await bench.clock.advance(40);
    call.finish();
    expect(bench.rows).toMatchObject([
      {
        requestId: 'req_1',
        projectId: 'proj_1',
        keyId: 'key_1',
        operation: 'chat',
        requestedModel: 'gpt-4o',
        status: 'succeeded',
        errorCode: null,
        costUsd: '0.0075000000',
        tags: ['a'],
        durationMs: 40,
        attempts: [{ n: 1, outcome: 'succeeded', costUsd: '0.0075000000', credential: 'hash' }],
      },
    ]);
    expect(bench.telemetry.settled).toMatchObject([{ provider: 'openai', model: 'gpt-4o', costUsd: '0.0075000000' }]);
  });

  it.each<[string, ChatEvent[]]>([
    ['F31 no usage', []],
    ['F32 absurd usage', [usageEvent({ input: -1e12 })]],
  ])('%s: ends with our own count, flagged', async (_name, reported) => {
    const meter = await meterOf().admitChat(request(), call);
    attempt({ deliveredCharacters: 11 });
    const seen = await read(meter.meter(answer(text('hello'), text(' world'), finish, ...reported)));
    expect(seen.at(-1)).toEqual(usageEvent({ input: 8, output: 2, estimated: true }));
    expect(seen.filter((event) => event.type === 'usage')).toHaveLength(1);
    // 8 * 2.5 + 2 * 10 millionths
    expect(call).toMatchObject({ costUsd: '0.0000400000', usage: { estimated: true } });
  });

  it('never calls an unpriced model free', async () => {
    const meter = await meterOf().admitChat(request('llama'), call);
    attempt({ provider: 'lab', model: 'llama', usage: tokenUsage({ input: 5 }) });
    await read(meter.meter(answer(text('x'), finish, usageEvent({ input: 5 }))));
    call.finish();
    expect(bench.rows).toMatchObject([{ costUsd: null, usage: { input: 5 }, attempts: [{ costUsd: null }] }]);
  });

  it('adds a billed failure to the price of the answer, and not a free one', async () => {
    const meter = await meterOf().admitChat(request(), call);
    attempt({ outcome: 'failed', errorKind: 'server-error' });
    attempt({ outcome: 'failed', errorKind: 'interrupted', deliveredCharacters: 8 });
    attempt({ usage: tokenUsage({ input: 1_000 }) });
    await read(meter.meter(answer(text('x'), finish, usageEvent({ input: 1_000 }))));
    call.finish();
    expect(bench.rows[0]?.attempts.map(({ costUsd }) => costUsd)).toEqual([
      '0.0000000000',
      // 8 tokens of prompt, and 8 characters where one character was a token: (8 * 2.5 + 8 * 10) millionths.
      '0.0001000000',
      '0.0025000000',
    ]);
    expect(bench.telemetry.settled).toHaveLength(2);
  });
});

describe('an answer that does not complete', () => {
  const cut = new AppError('upstream_stream_interrupted', 'cut');

  it.each<[string, Error, object]>([
    ['F22 the provider fails after content', cut, { status: 'failed', errorCode: 'upstream_stream_interrupted' }],
    ['O13 the client leaves', new ClientGoneError(), { status: 'aborted', errorCode: null }],
  ])('%s', async (_name, error, expected) => {
    const meter = await meterOf().admitChat(request(), call);
    const running = attempt({ outcome: null });
    const events = meter.meter(answer(text('hello'), error));
    await events.next();
    Object.assign(running, { outcome: 'failed', errorKind: 'interrupted', deliveredCharacters: 5 });
    await expect(events.next()).rejects.toBe(error);
    expect(await events.next()).toEqual({ done: true, value: undefined });
    call.finish();
    expect(bench.rows).toMatchObject([
      { ...expected, usage: { input: 8, output: 1, estimated: true }, costUsd: '0.0000300000' },
    ]);
  });

  it('O13 the client leaves while nobody reads', async () => {
    const meter = await meterOf().admitChat(request(), call);
    attempt({ outcome: 'aborted', errorKind: 'aborted', deliveredCharacters: 0 });
    const events = meter.meter(answer(text('hello'), finish));
    call.abort(new ClientGoneError());
    await events.return?.();
    call.finish();
    expect(bench.rows).toMatchObject([{ status: 'aborted', usage: { input: 8, output: 0 }, costUsd: '0.0000200000' }]);
  });

  it('is whole when the client left after its end, before anybody took the last of it', async () => {
    const meter = await meterOf().admitChat(request(), call);
    attempt({ outcome: 'succeeded', deliveredCharacters: 5 });
    await meter.meter(answer(text('hello'), finish)).next();
    call.abort(new ClientGoneError());
    call.finish();
    expect(bench.rows).toMatchObject([{ status: 'succeeded', usage: { input: 8, output: 1, estimated: true } }]);
  });

  it('bills an attempt once, however often the sum is asked for', async () => {
    const costOf = jest.spyOn(PriceBook.prototype, 'costOf');
    const meter = meterOf();
    for (let count = 1; count <= 3; count += 1) {
      const embedding = await meter.admitEmbeddings({ model: 'text-embedding-3-small', inputs: ['a'] }, call);
      const usage = tokenUsage({ input: 1_000_000 });
      attempt({ model: 'text-embedding-3-small', usage });
      embedding.meter({ model: 'm', vectors: [], usage, warnings: [] });
    }
    expect(call.costUsd).toBe('0.0600000000');
    expect(costOf).toHaveBeenCalledTimes(3);
    costOf.mockRestore();
  });

  it('is whole when only what came after its finish was not read', async () => {
    const meter = await meterOf().admitChat(request(), call);
    attempt({ usage: tokenUsage({ input: 8, output: 1 }), deliveredCharacters: 5 });
    for await (const event of meter.meter(answer(text('hello'), finish, usageEvent({ input: 8, output: 1 })))) {
      if (event.type === 'finish') break;
    }
    call.finish();
    expect(bench.rows).toMatchObject([{ status: 'succeeded' }]);
  });

  it('F09 costs nothing when every attempt failed, and takes the code from the last', async () => {
    await meterOf().admitChat(request(), call);
    attempt({ outcome: 'failed', errorKind: 'server-error' });
    attempt({ outcome: 'failed', errorKind: 'overloaded' });
    call.finish();
    expect(bench.rows).toMatchObject([
      { status: 'failed', errorCode: 'upstream_overloaded', costUsd: '0.0000000000', provider: 'openai' },
    ]);
    expect(bench.telemetry.settled).toEqual([]);
  });

  it('has the code that the caller was told', async () => {
    const meter = await meterOf().admitChat(request(), call);
    meter.fail(new AppError('no_healthy_upstream', 'none'));
    call.finish();
    expect(bench.rows).toMatchObject([
      { status: 'failed', errorCode: 'no_healthy_upstream', provider: null, attempts: [] },
    ]);
  });
});

describe('admission', () => {
  it.each<['flag' | 'refuse', string, string | null]>([
    ['flag', 'llama', null],
    ['refuse', 'llama', 'model_not_priced'],
    ['refuse', 'gpt-4o', null],
    ['flag', 'nothing', 'model_not_found'],
  ])('%s: %s gives %s', async (unpriced, model, code) => {
    const admitted = meterOf(unpriced)
      .admitChat(request(model), call)
      .then(() => null);
    expect(await admitted.catch((error: unknown) => (error as AppError).code)).toBe(code);
    call.finish();
    expect(bench.rows).toHaveLength(code === null ? 1 : 0);
  });

  it('adds up what one call asks for, in one row', async () => {
    const meter = meterOf();
    const embedding = await meter.admitEmbeddings({ model: 'text-embedding-3-small', inputs: ['hello world'] }, call);
    attempt({ model: 'text-embedding-3-small', usage: tokenUsage({ input: 2 }) });
    embedding.meter({ model: 'm', vectors: [], usage: tokenUsage({ input: 2 }), warnings: [] });
    expect(call).toMatchObject({ costUsd: '0.0000000400', settled: true });
    const chat = await meter.admitChat(request(), call);
    expect(call.settled).toBe(false);
    attempt({ deliveredCharacters: 11 });
    await read(chat.meter(answer(text('hello world'), finish)));
    call.finish();
    call.finish();
    expect(bench.rows).toHaveLength(1);
    expect(bench.rows[0]).toMatchObject({
      operation: 'chat',
      costUsd: '0.0000400400',
      usage: { input: 10, output: 2 },
    });
    expect(bench.telemetry.settled).toHaveLength(2);
  });

  it('counts the inputs of embeddings whose provider did not', async () => {
    const meter = await meterOf().admitEmbeddings({ model: 'text-embedding-3-small', inputs: ['hello world'] }, call);
    attempt({ model: 'text-embedding-3-small', usage: tokenUsage() });
    const result = meter.meter({ model: 'm', vectors: [], usage: tokenUsage(), warnings: [] });
    expect(result.usage).toEqual(tokenUsage({ input: 2, estimated: true }));
    expect(call.costUsd).toBe('0.0000000400');
  });
});

describe('tokens per minute', () => {
  beforeEach(() => {
    bench.hasLimits = true;
  });

  it('are corrected when the answer is over, and the seat is free when the call is', async () => {
    const meter = await meterOf().admitChat(request(), call);
    attempt({ usage: tokenUsage({ input: 8, output: 10 }) });
    await read(meter.meter(answer(text('hi'), finish, usageEvent({ input: 8, output: 10 }))));
    expect(bench.log).toEqual(['enter 1003', 'open', 'settle 18']);
    call.finish();
    expect(bench.log.slice(3)).toEqual(['leave']);
  });

  it('are corrected for an answer that was cut off, too', async () => {
    await meterOf().admitChat(request(), call);
    attempt({ outcome: 'aborted', errorKind: 'aborted', deliveredCharacters: 40 });
    call.abort(new ClientGoneError());
    call.finish();
    expect(bench.log.slice(2)).toEqual(['settle 18', 'leave']);
  });
});
