import type { Cancellation } from '../../core/cancellation.js';
import { describe, expect, it } from '@jest/globals';
import {
  answer,
  chatRequest,
  createCall,
  createWorld,
  failure,
  finish,
  hello,
  modelConfig,
  providerConfig,
  runUntilDone,
  type ScriptStep,
  start,
} from '../../../test/support/scripted-providers.js';
import type { ChatEvent } from '../../core/chat/chat-event.js';
import { AppError, ClientGoneError } from '../../core/errors/app-error.js';

const BREAKER = { failureRatio: 0.5, minRequests: 1, windowMs: 30_000, openMs: 15_000, probes: 1 };
const TIMEOUTS = { firstContentMs: 1_000, idleMs: 500, totalMs: 4_000 };

function setUp(script: readonly ScriptStep[], targets = ['a/x'], deadlineMs = Infinity) {
  const world = createWorld({
    providers: [providerConfig({ breaker: BREAKER }), providerConfig({ name: 'b', breaker: BREAKER })],
    models: [modelConfig('m', targets, { timeouts: TIMEOUTS })],
    scripts: { a: [script] },
  });
  const call = createCall(world.clock, deadlineMs);
  const open = async (): Promise<AsyncIterator<ChatEvent>> => {
    const outcome = await runUntilDone(world.clock, world.registry.chat(chatRequest(), call));
    if ('error' in outcome) throw outcome.error;
    return outcome.value[Symbol.asyncIterator]();
  };
  const breaker = () => world.registry.health()[0]?.breaker;
  const leaks = () => ({
    timers: world.clock.pendingTimers,
    open: world.adapter('a').seen.length - world.adapter('a').closed,
    listeners: (call.signal as Cancellation).listenerCount,
    inFlight: world.budget.inFlight,
    retries: world.budget.retries,
  });
  return { ...world, world, call, open, breaker, leaks };
}

const CLOSED = { timers: 0, open: 0, listeners: 0, inFlight: 0, retries: 0 };

async function drain(events: AsyncIterator<ChatEvent>): Promise<string[]> {
  const types: string[] = [];
  for (let result = await events.next(); !result.done; result = await events.next()) types.push(result.value.type);
  return types;
}

describe('AttemptStream: the commit point', () => {
  it('holds everything back until the first content and then gives all of it', async () => {
    const { clock, registry, call } = setUp([start, { type: 'passthrough' }, 100, hello, finish]);
    let isOpen = false;
    const opening = registry.chat(chatRequest(), call).then((events) => {
      isOpen = true;
      return events[Symbol.asyncIterator]();
    });
    await clock.advance(99);
    expect(isOpen).toBe(false);
    await clock.advance(1);
    expect(isOpen).toBe(true);
    expect(await drain(await opening)).toEqual(['response-start', 'passthrough', 'text-delta', 'finish']);
  });

  it.each<[string, ScriptStep[]]>([
    ['F24: a break', [start, ...failure('interrupted')]],
    ['F26: an end without a finish', [start]],
    ['an end without anything', []],
    ['F30: an error frame', [start, ...failure('overloaded')]],
  ])('goes to the next target after %s before content', async (_title, script) => {
    const { open, call, registry } = setUp(script, ['a/x', 'b/x']);
    expect(await drain(await open())).toEqual(['response-start', 'text-delta', 'finish', 'usage']);
    expect(call.answeredBy?.provider).toBe('b');
    expect(registry.health()[0]?.consecutiveFailures).toBe(1);
  });

  it('goes to the next target when an empty answer is finished and then never ends', async () => {
    const { world, registry, call } = setUp([start, finish, 'hang'], ['a/x', 'b/x']);
    await runUntilDone(world.clock, registry.chat(chatRequest(), call));
    expect(call.attempts).toMatchObject([{ outcome: 'failed', errorKind: 'timeout' }, {}]);
  });

  it('takes an empty answer that was finished', async () => {
    const { open, call, leaks } = setUp([start, finish]);
    expect(await drain(await open())).toEqual(['response-start', 'finish']);
    expect(call.attempts).toMatchObject([{ outcome: 'succeeded', firstContentMs: null }]);
    expect(call.answeredBy).toEqual({ provider: 'a', model: 'x' });
    expect(leaks().timers).toBe(0);
  });

  it('names the model that was asked when the provider does not', async () => {
    const { open } = setUp([{ ...start, model: '' } as ChatEvent, hello, finish]);
    expect((await (await open()).next()).value).toMatchObject({ type: 'response-start', model: 'x' });
  });

  it('gives up on a flood of empty events', async () => {
    const flood = new Array<ScriptStep>(10_002).fill({ type: 'passthrough' });
    await expect(setUp(flood).open()).rejects.toMatchObject({ code: 'malformed_response' });
  });
});

describe('AttemptStream: after content', () => {
  const drip = new Array<ScriptStep[]>(9).fill([400, hello]).flat();

  it.each<[string, ScriptStep[], number | null, string]>([
    ['F22: a stall', ['hang'], 500, 'timeout'],
    ['F24: a break', failure('interrupted'), 0, 'interrupted'],
    ['F26: an end without a finish', [], 0, 'interrupted'],
    ['F28: malformed events', failure('malformed'), 0, 'malformed'],
    ['F30: an error frame', failure('overloaded'), 0, 'overloaded'],
    ['F23: a drip that never ends', [...drip, 'hang'], 4_000, 'timeout'],
  ])('ends in band after %s', async (_title, rest, durationMs, errorKind) => {
    const { world, open, call, breaker, leaks } = setUp([start, hello, ...rest], ['a/x', 'b/x']);
    const events = await open();
    const outcome = await runUntilDone(world.clock, drain(events));
    expect(outcome).toMatchObject({ error: { code: 'upstream_stream_interrupted' } });
    expect(call.attempts).toMatchObject([{ outcome: 'failed', errorKind, durationMs }]);
    expect([breaker(), leaks()]).toEqual(['open', CLOSED]);
    expect(await events.next()).toEqual({ done: true, value: undefined });
  });

  it("ends in band at the client's deadline, which is not the provider's fault", async () => {
    const { world, open, call, breaker, leaks } = setUp([start, hello, 'hang'], ['a/x'], 200);
    const outcome = await runUntilDone(world.clock, drain(await open()));
    expect(outcome).toMatchObject({ error: { code: 'upstream_stream_interrupted' } });
    expect(call.attempts).toMatchObject([{ outcome: 'aborted', errorKind: 'aborted' }]);
    expect([breaker(), leaks()]).toEqual(['closed', CLOSED]);
  });

  it('does not count the time that a slow client takes', async () => {
    const { world, open, call } = setUp([start, hello, hello, finish]);
    const events = await open();
    await events.next();
    await world.clock.advance(3_000);
    expect(await drain(events)).toEqual(['text-delta', 'text-delta', 'finish']);
    expect(call.attempts[0]?.outcome).toBe('succeeded');
  });

  it('F33: keeps the last usage', async () => {
    const usage = (output: number): ChatEvent => ({ type: 'usage', usage: { ...ZERO, output } });
    const { open, call } = setUp([start, hello, usage(1), usage(7), finish, usage(9)]);
    await drain(await open());
    expect(call.attempts[0]?.usage?.output).toBe(9);
  });
});

const ZERO = {
  input: 0,
  cachedInput: 0,
  cacheWrite5m: 0,
  cacheWrite1h: 0,
  output: 0,
  reasoning: 0,
  imageInput: 0,
  audioInput: 0,
  audioOutput: 0,
};

describe('AttemptStream: everything is given back (O13)', () => {
  const long = [start, hello, 'hang'] as const;

  it('when the client leaves before content', async () => {
    const { world, registry, call, breaker, leaks } = setUp([start, 'hang'], ['a/x', 'b/x']);
    const opening = runUntilDone(world.clock, registry.chat(chatRequest(), call));
    await world.clock.advance(50);
    call.abort(new ClientGoneError());
    expect(await opening).toEqual({ error: expect.any(ClientGoneError) as unknown });
    expect(call.attempts).toMatchObject([{ outcome: 'aborted', errorKind: 'aborted' }]);
    expect(world.adapter('a').seen[0]?.attempt.signal.aborted).toBe(true);
    expect([breaker(), leaks()]).toEqual(['closed', CLOSED]);
  });

  it('when the client leaves while nobody reads', async () => {
    const { world, open, call, breaker, leaks } = setUp(long);
    await open();
    call.abort(new ClientGoneError());
    expect(call.attempts[0]?.outcome).toBe('aborted');
    expect(world.adapter('a').seen[0]?.attempt.signal.aborted).toBe(true);
    call.finish();
    expect([breaker(), leaks()]).toEqual(['closed', CLOSED]);
  });

  it('when the client leaves while the next event is awaited', async () => {
    const { world, open, call, leaks } = setUp(long);
    const reading = runUntilDone(world.clock, drain(await open()));
    await world.clock.advance(10);
    call.abort(new AppError('server_shutting_down', 'Bye.'));
    expect(await reading).toMatchObject({ error: { code: 'server_shutting_down' } });
    expect(leaks()).toEqual(CLOSED);
  });

  it('when the reader stops early', async () => {
    const { open, call, breaker, leaks } = setUp(long);
    const events = await open();
    await events.next();
    await events.return?.();
    expect(call.attempts[0]?.outcome).toBe('aborted');
    expect([breaker(), leaks()]).toEqual(['closed', CLOSED]);
    expect(await events.next()).toEqual({ done: true, value: undefined });
  });

  it('when the reader stops after the finish: that is a success', async () => {
    const { open, call, leaks } = setUp([start, hello, finish, 'hang']);
    const events = await open();
    for (let count = 0; count < 3; count += 1) await events.next();
    await events.return?.();
    expect(call.attempts[0]?.outcome).toBe('succeeded');
    expect(leaks()).toEqual(CLOSED);
  });

  it('F27: when the provider stays silent after the finish: that is a success', async () => {
    const { world, open, call, breaker, leaks } = setUp([start, hello, finish, 'hang']);
    const outcome = await runUntilDone(world.clock, drain(await open()));
    expect(outcome).toEqual({ value: ['response-start', 'text-delta', 'finish'] });
    expect(call.attempts).toMatchObject([{ outcome: 'succeeded', errorKind: null }]);
    expect([breaker(), leaks()]).toEqual(['closed', CLOSED]);
  });

  it('when the client leaves after the finish: that is a success', async () => {
    const { world, open, call, leaks } = setUp([start, hello, finish, 'hang']);
    const reading = runUntilDone(world.clock, drain(await open()));
    await world.clock.advance(10);
    call.abort(new ClientGoneError());
    expect(await reading).toMatchObject({ value: ['response-start', 'text-delta', 'finish'] });
    expect(call.attempts).toMatchObject([{ outcome: 'succeeded', errorKind: null }]);
    expect(leaks()).toEqual(CLOSED);
  });

  it('when the reader stops after one of two choices: that is none', async () => {
    const other: ChatEvent = { type: 'text-delta', choice: 1, text: 'hi' };
    const { open, call, leaks } = setUp([start, hello, other, finish, 'hang']);
    const events = await open();
    for (let count = 0; count < 4; count += 1) await events.next();
    await events.return?.();
    expect(call.attempts[0]?.outcome).toBe('aborted');
    expect(leaks()).toEqual(CLOSED);
  });

  it('when nobody ever reads: the end of the call does it', async () => {
    const { open, call, breaker, leaks } = setUp(long);
    await open();
    call.finish();
    expect(call.attempts[0]?.outcome).toBe('aborted');
    expect([breaker(), leaks()]).toEqual(['closed', CLOSED]);
  });

  it('when a wait between attempts is cut short', async () => {
    const { world, registry, call, leaks } = setUp(failure('rate-limited', { retryAfterMs: 2_000 }));
    const opening = runUntilDone(world.clock, registry.chat(chatRequest(), call));
    await world.clock.advance(50);
    call.abort(new ClientGoneError());
    expect(await opening).toEqual({ error: expect.any(ClientGoneError) as unknown });
    expect([call.attempts.length, leaks().timers]).toEqual([1, 0]);
  });

  it('when the call was over before it began', async () => {
    const { registry, call } = setUp(answer);
    call.abort(new ClientGoneError());
    await expect(registry.chat(chatRequest(), call)).rejects.toBeInstanceOf(ClientGoneError);
    expect(call.attempts).toEqual([]);
  });

  it('a probe that the client leaves makes room for the next', async () => {
    const { world, open, call, registry, breaker } = setUp(failure('timeout'));
    await expect(open()).rejects.toMatchObject({ code: 'upstream_timeout' });
    await world.clock.advance(15_000);
    world.adapter('a').scripts = [['hang'], answer];
    const leaving = createCall(world.clock);
    const probe = runUntilDone(world.clock, registry.chat(chatRequest(), leaving));
    await world.clock.advance(10);
    await expect(registry.chat(chatRequest(), call)).rejects.toMatchObject({ code: 'no_healthy_upstream' });
    leaving.abort(new ClientGoneError());
    await probe;
    await runUntilDone(world.clock, registry.chat(chatRequest(), createCall(world.clock)));
    expect(breaker()).toBe('closed');
  });
});
