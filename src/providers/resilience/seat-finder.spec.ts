import { describe, expect, it } from '@jest/globals';
import {
  answer,
  chatOnce,
  chatRequest,
  createCall,
  createWorld,
  failure,
  modelConfig,
  providerConfig,
  type ScriptStep,
  start,
  type World,
  type WorldOptions,
} from '../../../test/support/scripted-providers.js';
import type { ProviderLimitsConfig, ProviderQueueConfig } from '../../config/gateway-config.js';
import type { CallContext } from '../../core/call-context.js';
import { collectChat } from '../../core/chat/collect-chat.js';
import { AppError, ClientGoneError } from '../../core/errors/app-error.js';
import { UNLIMITED } from '../../core/principal.js';

const NO_LIMITS: ProviderLimitsConfig = { requestsPerMinute: null, tokensPerMinute: null, concurrency: null };

function limited(name: string, limits: Partial<ProviderLimitsConfig>, queue: Partial<ProviderQueueConfig> = {}) {
  return providerConfig({ name, limits: { ...NO_LIMITS, ...limits }, queue: { size: 100, waitMs: 10_000, ...queue } });
}

/** One model whose targets are at the providers, in order. */
function among(...providers: ReturnType<typeof limited>[]): WorldOptions {
  return {
    providers,
    models: [
      modelConfig(
        'm',
        providers.map(({ name }) => `${name}/x`),
      ),
    ],
  };
}

interface Sent {
  readonly call: CallContext;
  endedAt: number | null;
  code: string | null;
}

/** Sends a request that is under way when this returns. */
function send(world: World, options: { project?: string; deadlineMs?: number } = {}): Sent {
  const call = createCall(world.clock, options.deadlineMs);
  if (options.project)
    call.authenticate({ keyId: 'key_1', projectId: options.project, scopes: ['chat'], ...UNLIMITED });
  const sent: Sent = { call, endedAt: null, code: null };
  void world.registry
    .chat(chatRequest(), call)
    .then(collectChat)
    .catch((error: unknown) => {
      sent.code = error instanceof AppError ? error.code : (error as Error).name;
    })
    .finally(() => {
      sent.endedAt = world.clock.monotonic();
      call.finish();
    });
  return sent;
}

const routeOf = ({ call }: Sent): string => call.attempts.map(({ provider }) => provider).join(' ');
const slowly = (ms: number): ScriptStep[] => [start, ms, ...answer.slice(1)];

describe('SeatFinder: limits of a provider', () => {
  it('goes to another target at once, which is no attempt and no failure', async () => {
    const world = createWorld({
      ...among(limited('a', { concurrency: 1 }), limited('b', {})),
      scripts: { a: [slowly(500)] },
    });
    const [first, second] = [send(world), send(world)];
    await world.clock.advance(0);
    expect([routeOf(first), routeOf(second), second.endedAt]).toEqual(['a', 'b', 0]);
    expect(world.registry.health()[0]).toMatchObject({ breaker: 'closed', consecutiveFailures: 0, lastError: null });
  });

  it('counts all targets and credentials of the provider together', async () => {
    const provider = { ...limited('a', { concurrency: 1 }), apiKeys: ['one', 'two'] };
    const world = createWorld({
      providers: [provider],
      models: [modelConfig('m', ['a/x', 'a/y'])],
      scripts: { a: [slowly(500)] },
    });
    const [first, second] = [send(world), send(world)];
    await world.clock.advance(900);
    expect([first.endedAt, second.endedAt]).toEqual([500, null]);
    await world.clock.advance(100);
    expect([second.endedAt, second.call.attempts.length]).toEqual([1_000, 1]);
  });

  it('releases waiting requests evenly spaced', async () => {
    const world = createWorld(among(limited('a', { requestsPerMinute: 60 })));
    const sent = Array.from({ length: 4 }, () => send(world));
    await world.clock.advance(3_000);
    expect(sent.map(({ endedAt }) => endedAt)).toEqual([0, 1_000, 2_000, 3_000]);
  });

  it('waits where the turn comes first when every target is limited', async () => {
    const world = createWorld(among(limited('a', { requestsPerMinute: 6 }), limited('b', { requestsPerMinute: 30 })));
    const sent = [send(world), send(world), send(world)];
    await world.clock.advance(2_000);
    expect(sent.map(routeOf)).toEqual(['a', 'b', 'b']);
  });

  it('a flood of one project does not starve another', async () => {
    const world = createWorld({ ...among(limited('a', { concurrency: 1 })), scripts: { a: [slowly(100)] } });
    for (let index = 0; index < 50; index += 1) send(world, { project: 'flood' });
    const small = send(world, { project: 'small' });
    await world.clock.advance(300);
    expect(small.endedAt).toBe(300);
  });

  it('a stream holds its place until its end', async () => {
    const world = createWorld({
      ...among(limited('a', { concurrency: 1 })),
      scripts: { a: [[...slowly(0).slice(0, 3), 700, ...answer.slice(2)]] },
    });
    send(world);
    const second = send(world);
    await world.clock.advance(699);
    expect(second.call.attempts).toEqual([]);
    await world.clock.advance(1);
    expect(second.call.attempts).toHaveLength(1);
  });

  it('counts what a request will use of the tokens, and corrects it by what it used', async () => {
    const world = createWorld(among(limited('a', { tokensPerMinute: 6_000 })));
    const sent = [send(world), send(world), send(world)];
    await world.clock.advance(0);
    // The first one was taken for a thousand tokens, which are ten seconds of this limit, until it had used only one.
    expect(sent.map(({ call }) => call.attempts.length)).toEqual([1, 0, 0]);
    await world.clock.advance(50);
    expect(sent.map(({ code, call }) => [code, call.attempts.length])).toEqual([
      [null, 1],
      [null, 1],
      [null, 1],
    ]);
  });
});

describe('SeatFinder: when no turn comes', () => {
  it('says when to come back, at once when the queue is full', async () => {
    const world = createWorld(among(limited('a', { requestsPerMinute: 6 }, { size: 1 })));
    send(world);
    send(world);
    await world.clock.advance(0);
    const { code, error, tookMs, call } = await chatOnce(world);
    expect([code, error?.retryAfterMs, tookMs, call.attempts.length]).toEqual(['upstream_overloaded', 20_000, 0, 0]);
    expect(world.registry.health()[0]?.limits).toMatchObject({ queued: 1, queueSize: 1, refused: 1 });
  });

  it('says it after the longest wait', async () => {
    const world = createWorld(among(limited('a', { requestsPerMinute: 6 }, { waitMs: 2_000 })));
    send(world);
    const refused = send(world);
    await world.clock.advance(2_000);
    expect([refused.code, refused.endedAt, refused.call.attempts.length]).toEqual(['upstream_overloaded', 2_000, 0]);
  });

  it("ends with the client's deadline", async () => {
    const world = createWorld(among(limited('a', { requestsPerMinute: 6 })));
    send(world);
    const refused = send(world, { deadlineMs: 1_500 });
    await world.clock.advance(1_500);
    expect([refused.code, refused.endedAt, refused.call.attempts.length]).toEqual(['upstream_timeout', 1_500, 0]);
  });

  it("ends with the client's deadline also where timers know only whole milliseconds", async () => {
    const world = createWorld(among(limited('a', { requestsPerMinute: 6 })));
    const schedule = world.clock.schedule.bind(world.clock);
    world.clock.schedule = (callback, ms) => schedule(callback, Math.trunc(ms));
    await world.clock.advance(0.6);
    send(world);
    const refused = send(world, { deadlineMs: 1_499.9 });
    await world.clock.advance(1_500);
    expect(refused.code).toBe('upstream_timeout');
  });

  it('a client that leaves gives up its place at once', async () => {
    const world = createWorld({
      ...among(limited('a', { concurrency: 1 }, { size: 1 })),
      scripts: { a: [slowly(1_000)] },
    });
    send(world);
    const gone = send(world);
    await world.clock.advance(100);
    gone.call.abort(new ClientGoneError());
    const next = send(world);
    await world.clock.advance(0);
    expect([gone.code, gone.endedAt, next.code]).toEqual(['ClientGoneError', 100, null]);
    await world.clock.advance(1_900);
    expect([next.endedAt, world.clock.pendingTimers]).toEqual([2_000, 0]);
  });

  it('a turn that comes in the moment in which the client leaves is given back', async () => {
    const world = createWorld({ ...among(limited('a', { concurrency: 1 })), scripts: { a: [slowly(1_000)] } });
    const first = send(world);
    const gone = send(world);
    await world.clock.advance(100);
    first.call.abort(new ClientGoneError());
    gone.call.abort(new ClientGoneError());
    await world.clock.advance(0);
    expect([gone.code, gone.call.attempts.length]).toEqual(['ClientGoneError', 0]);
    expect(world.registry.health()[0]?.limits).toMatchObject({ inUse: 0, queued: 0 });
  });

  it('a retry waits for its turn too, and a failover goes where there is one', async () => {
    const alone = createWorld({
      ...among(limited('a', { requestsPerMinute: 30 })),
      scripts: { a: [failure('server-error'), answer] },
    });
    const { route, call } = await chatOnce(alone);
    const [first, second] = call.attempts.map(({ startedAt }) => startedAt);
    expect([route, (second ?? 0) - (first ?? 0)]).toEqual(['a:failed a:succeeded', 2_000]);
    const world = createWorld({
      ...among(limited('a', { requestsPerMinute: 6 }), limited('b', {})),
      scripts: { a: [failure('server-error'), answer] },
    });
    expect((await chatOnce(world)).route).toBe('a:failed b:succeeded');
  });

  it('tells what failed when the queue of the next target gives no turn', async () => {
    const world = createWorld({
      ...among(limited('a', {}), limited('b', { concurrency: 1 }, { size: 0 })),
      scripts: { a: [failure('timeout')], b: [slowly(60_000)] },
    });
    send(world);
    await world.clock.advance(0);
    const { code, route } = await chatOnce(world);
    expect([code, route]).toEqual(['upstream_timeout', 'a:failed']);
  });

  it('does not send a waiting request to a target that fell ill meanwhile', async () => {
    const breaker = { ...providerConfig().breaker, minRequests: 1 };
    const world = createWorld({
      ...among({ ...limited('a', { concurrency: 1 }), breaker }),
      scripts: { a: [[start, 500, ...failure('timeout')]] },
    });
    send(world);
    const waiting = send(world);
    await world.clock.advance(500);
    expect([waiting.code, waiting.call.attempts.length]).toEqual(['no_healthy_upstream', 0]);
    expect(world.clock.pendingTimers).toBe(0);
  });
});

describe('SeatFinder: a queue while the target rests', () => {
  it('F06: waits for the end of the rest, rather than refuse all who waited for a turn', async () => {
    const world = createWorld({
      ...among(limited('a', { concurrency: 2 })),
      scripts: { a: [[start, 300, ...failure('rate-limited', { retryAfterMs: 3_000 })], slowly(300)] },
    });
    const sent = Array.from({ length: 6 }, () => send(world));
    await world.clock.advance(10_000);
    expect(sent.map(({ code }) => code)).toEqual(new Array(6).fill(null));
    expect(world.registry.health()[0]?.limits).toMatchObject({ inUse: 0, queued: 0, refused: 0 });
  });

  it('tries the queue of another target when the one that it waited for has fallen ill', async () => {
    const breaker = { ...providerConfig().breaker, minRequests: 1 };
    const world = createWorld({
      ...among({ ...limited('a', { concurrency: 1 }), breaker }, limited('b', { concurrency: 1 })),
      scripts: { a: [[start, 500, ...failure('malformed')]], b: [slowly(900), answer] },
    });
    const [first, second, third] = [send(world), send(world), send(world)];
    await world.clock.advance(2_000);
    expect([first.code, second.code, third.code]).toEqual([null, null, null]);
    expect(routeOf(third)).toBe('b');
  });
});
