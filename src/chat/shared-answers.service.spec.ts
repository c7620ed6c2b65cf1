import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../test/support/fake-clock.js';
import type { GatewayConfig } from '../config/gateway-config.js';
import { CallContext, type CallContextOptions } from '../core/call-context.js';
import type { Attempt } from '../core/attempt.js';
import type { ChatEvent } from '../core/chat/chat-event.js';
import type { ChatRequest } from '../core/chat/chat-request.js';
import { AppError, ClientGoneError } from '../core/errors/app-error.js';
import type { BudgetTerms, Principal } from '../core/principal.js';
import { Telemetry } from '../core/telemetry/telemetry.js';
import type { UsageMeter } from '../usage/usage-meter.js';
import { SharedAnswers } from './shared-answers.service.js';

const REQUEST: ChatRequest = { model: 'm', messages: [], stream: true };
const QUOTA = new AppError('insufficient_quota', 'no');
const hello: ChatEvent = { type: 'text-delta', choice: 0, text: 'hello' };

/** How one request was sent: its call, and what its test makes of it. */
interface Sent {
  readonly call: CallContext;
  resolve(events: AsyncIterable<ChatEvent>): void;
  reject(error: Error): void;
}

interface World {
  shared: SharedAnswers;
  sent: Sent[];
  log: string[];
  joinedRefusal: Error | null;
  ask: (name: string, rest?: Partial<CallContextOptions>) => { call: CallContext; text: Promise<string> };
}

function setUp(): World {
  const log: string[] = [];
  const sent: Sent[] = [];
  const gateway = {
    models: [
      { name: 'm', singleFlight: true },
      { name: 'plain', singleFlight: false },
    ],
  };
  const meter = {
    admitJoined: (request: ChatRequest, call: CallContext) => {
      if (world.joinedRefusal) return Promise.reject(world.joinedRefusal);
      log.push(`joined ${call.id}`);
      return Promise.resolve({
        request,
        meter: (events: AsyncIterable<ChatEvent>) => events,
        fail: (error: Error) => log.push(`failed ${call.id} ${error.name}`),
      });
    },
  };
  const shared = new SharedAnswers(
    gateway as unknown as GatewayConfig,
    meter as unknown as UsageMeter,
    new FakeClock(),
    new Telemetry(),
  );
  const send = (_request: ChatRequest, call: CallContext): Promise<AsyncIterable<ChatEvent>> =>
    new Promise((resolve, reject) => {
      sent.push({ call, resolve, reject });
    });
  const ask: World['ask'] = (name, rest) => {
    const call = callOf(name, rest);
    return { call, text: read(shared.answer(REQUEST, call, send) ?? Promise.reject(new Error('It is not shared.'))) };
  };
  const world: World = { shared, sent, log, joinedRefusal: null, ask };
  return world;
}

function callOf(id: string, rest: Partial<CallContextOptions> = {}): CallContext {
  return new CallContext({
    id,
    surface: 'openai',
    receivedAt: 0,
    principal: principalOf('p'),
    ...rest,
  });
}

function principalOf(projectId: string, budgets: readonly BudgetTerms[] = []): Principal {
  return { projectId, budgets } as unknown as Principal;
}

async function read(events: Promise<AsyncIterable<ChatEvent>>): Promise<string> {
  try {
    let text = '';
    for await (const event of await events) if (event.type === 'text-delta') text += event.text;
    return text;
  } catch (error) {
    return error instanceof AppError ? error.code : (error as Error).name;
  }
}

function answer(call: CallContext): AsyncIterable<ChatEvent> {
  call.answeredBy = { provider: 'a', model: 'x' };
  return eventsOf(call);
}

async function* eventsOf(call: CallContext): AsyncGenerator<ChatEvent> {
  yield await Promise.resolve(hello);
  Object.assign(call, { costUsd: '0.5', settled: true });
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('SharedAnswers', () => {
  it.each<[string, string, Partial<CallContextOptions>, boolean]>([
    ['a model that shares', 'm', {}, true],
    ['another model', 'plain', {}, false],
    ['a deadline', 'm', { deadline: 5 }, false],
    ['an answer from documents', 'm', { surface: 'rag' }, false],
    ['a job', 'm', { surface: 'job' }, false],
  ])('is for requests to models that allow it: %s', async (_name, model, rest, expected) => {
    const { shared } = setUp();
    const answered = shared.answer({ ...REQUEST, model }, callOf('1', rest), () => Promise.reject(QUOTA));
    expect(answered !== null).toBe(expected);
    await answered?.catch(() => undefined);
  });

  it('lets the first one pay, in its name, and shows it what became of its request', async () => {
    const { ask, sent, log } = setUp();
    const first = ask('1');
    const second = ask('2');
    const [paying] = sent;
    if (!paying) throw new Error('Nothing was sent.');
    expect([paying.call.id, paying.call === first.call]).toEqual(['1', false]);
    paying.call.onAdmitted?.('chat');
    paying.resolve(answer(paying.call));
    expect(await Promise.all([first.text, second.text])).toEqual(['hello', 'hello']);
    expect([sent.length, log]).toEqual([1, ['joined 2']]);
    expect(first.call).toMatchObject({ answeredBy: { provider: 'a' }, costUsd: '0.5', settled: true, savedUsd: null });
    second.call.finish();
    expect(second.call).toMatchObject({ answeredBy: { provider: 'a' }, costUsd: null, savedUsd: '0.5' });
  });

  it('sends the next one in its place when the first one is not let through', async () => {
    const { ask, sent, log } = setUp();
    const asked = [ask('1'), ask('2'), ask('3')];
    sent[0]?.reject(QUOTA);
    await turn();
    expect(sent.map(({ call }) => call.id)).toEqual(['1', '2']);
    sent[1]?.call.onAdmitted?.('chat');
    sent[1]?.resolve(answer(sent[1].call));
    expect(await Promise.all(asked.map(({ text }) => text))).toEqual(['insufficient_quota', 'hello', 'hello']);
    expect(log).toEqual(['joined 3']);
  });

  it('fails for everybody when the request fails that was let through', async () => {
    const { ask, sent, log } = setUp();
    const asked = [ask('1'), ask('2')];
    sent[0]?.call.onAdmitted?.('chat');
    await turn();
    sent[0]?.reject(new AppError('upstream_error', 'no'));
    expect(await Promise.all(asked.map(({ text }) => text))).toEqual(['upstream_error', 'upstream_error']);
    expect([sent.length, log]).toEqual([1, ['joined 2', 'failed 2 AppError']]);
  });

  it('goes on without one that may not read along', async () => {
    const world = setUp();
    world.joinedRefusal = new AppError('model_not_allowed', 'no');
    const asked = [world.ask('1'), world.ask('2')];
    const [paying] = world.sent;
    paying?.call.onAdmitted?.('chat');
    await turn();
    paying?.resolve(answer(paying.call));
    expect(await Promise.all(asked.map(({ text }) => text))).toEqual(['hello', 'model_not_allowed']);
  });

  it('goes on when the first one leaves, and ends with the reason of the last', async () => {
    const { ask, sent } = setUp();
    const first = ask('1');
    const second = ask('2');
    const [paying] = sent;
    paying?.call.onAdmitted?.('chat');
    await turn();
    first.call.abort(new ClientGoneError());
    expect(await first.text).toBe('ClientGoneError');
    expect(paying?.call.signal.aborted).toBe(false);
    const closing = new AppError('server_shutting_down', 'bye');
    second.call.abort(closing);
    expect(await second.text).toBe('server_shutting_down');
    expect(paying?.call.signal.reason).toBe(closing);
    const next = ask('3');
    expect(sent).toHaveLength(2);
    next.call.abort(new ClientGoneError());
    expect(await next.text).toBe('ClientGoneError');
  });

  it('shares nothing with another project', () => {
    const { ask, sent } = setUp();
    ask('1');
    ask('2', { principal: principalOf('q') });
    expect(sent).toHaveLength(2);
  });

  it('cuts nobody short by the output limit that another one\u2019s budget sets', () => {
    const budgets = [{ id: 'bud_1' } as unknown as BudgetTerms];
    const { ask, sent } = setUp();
    ask('1', { principal: principalOf('p', budgets) });
    ask('2');
    expect(sent).toHaveLength(2);
    ask('3', { principal: principalOf('p', budgets) });
    ask('4');
    expect(sent).toHaveLength(2);
  });

  it('goes alone in a call with further requests, and when it is sent for others already', async () => {
    const { shared, sent, ask } = setUp();
    const refuse = (): Promise<never> => Promise.reject(QUOTA);
    const withSteps = callOf('1');
    withSteps.hasSteps = true;
    const second = callOf('2');
    second.attempts.push({} as Attempt);
    ask('3');
    const calls = [withSteps, second, sent[0]?.call ?? withSteps];
    expect(calls.map((call) => shared.answer(REQUEST, call, refuse))).toEqual([null, null, null]);
  });

  it('gives who asks in the other mode what has no form of its own', async () => {
    const { shared, sent, ask } = setUp();
    const whole = callOf('2');
    ask('1');
    const send = (): Promise<never> => Promise.reject(QUOTA);
    const events = shared.share('k', { ...REQUEST, stream: true }, callOf('3'), (_request, call) =>
      Promise.resolve(wired(call)),
    );
    const others = shared.share('k', { ...REQUEST, stream: false }, whole, send);
    expect(sent).toHaveLength(1);
    const read = async (answer: Promise<AsyncIterable<ChatEvent>>): Promise<ChatEvent[]> => {
      const all: ChatEvent[] = [];
      for await (const event of await answer) all.push(event);
      return all;
    };
    const [streamed, collected] = await Promise.all([read(events), read(others)]);
    expect(streamed.map(({ type, wire }) => [type, wire?.value])).toEqual([
      ['passthrough', 1],
      ['text-delta', 2],
    ]);
    expect(collected).toEqual([hello]);
  });
});

async function* wired(call: CallContext): AsyncGenerator<ChatEvent> {
  call.onAdmitted?.('chat');
  yield await Promise.resolve<ChatEvent>({ type: 'passthrough', wire: { dialect: 'openai-chat', value: 1 } });
  yield { ...hello, wire: { dialect: 'openai-chat', value: 2 } };
}
