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
  runUntilDone,
  type ScriptStep,
  start,
  type WorldOptions,
} from '../../../test/support/scripted-providers.js';
import { collectChat } from '../../core/chat/collect-chat.js';
import { ClientGoneError } from '../../core/errors/app-error.js';
import type { ProviderErrorKind } from '../provider-error.js';

const SINGLE: WorldOptions = { providers: [providerConfig()], models: [modelConfig('m', ['a/x'])] };

describe('AttemptPlanner: rate limits and keys', () => {
  it('F06: waits out a short retry-after and tries the same target', async () => {
    const { route, tookMs } = await chatOnce(
      createWorld({ scripts: { a: [failure('rate-limited', { retryAfterMs: 2_000 }), answer] } }),
    );
    expect([route, tookMs]).toEqual(['a:failed a:succeeded', 2_000]);
  });

  it('F07: passes a long retry-after on, a minute at most, without sleeping', async () => {
    const world = createWorld({ ...SINGLE, scripts: { a: [failure('rate-limited', { retryAfterMs: 3_600_000 })] } });
    const first = await chatOnce(world);
    const second = await chatOnce(world);
    expect([first.code, first.error?.retryAfterMs, first.tookMs]).toEqual(['upstream_rate_limited', 60_000, 0]);
    expect([second.code, second.error?.retryAfterMs, second.tookMs]).toEqual(['upstream_rate_limited', 60_000, 0]);
    expect(second.call.attempts).toEqual([]);
  });

  it('skips a target while it cools down, and comes back', async () => {
    const world = createWorld({ scripts: { a: [failure('rate-limited', { retryAfterMs: 5_000 }), answer] } });
    expect((await chatOnce(world)).route).toBe('a:failed b:succeeded');
    expect((await chatOnce(world)).route).toBe('b:succeeded');
    await world.clock.advance(5_000);
    expect((await chatOnce(world)).route).toBe('a:succeeded');
  });

  it('waits for the end of a cool-down that another call began, when there is no other target', async () => {
    const world = createWorld({
      ...SINGLE,
      scripts: { a: [failure('rate-limited', { retryAfterMs: 4_000 }), answer, answer] },
    });
    const first = world.registry.chat(chatRequest(), createCall(world.clock));
    await world.clock.advance(0);
    const second = await chatOnce(world);
    expect(second.route).toBe('a:succeeded');
    expect(second.tookMs).toBeGreaterThanOrEqual(4_000);
    expect(await runUntilDone(world.clock, first.then(collectChat))).toMatchObject({ value: { model: 'm' } });
  });

  it.each(['rate-limited', 'authentication', 'quota-exhausted', 'permission'] as const)(
    'uses the next key of the same provider after %s, and leaves the first alone from then on',
    async (kind) => {
      const providers = [providerConfig({ apiKeys: ['one', 'two'] }), providerConfig({ name: 'b' })];
      const world = createWorld({ providers, scripts: { a: [failure(kind, { retryAfterMs: 30_000 }), answer] } });
      expect((await chatOnce(world)).route).toBe('a:failed a:succeeded');
      await chatOnce(world);
      expect(world.adapter('a').seen.map(({ apiKey }) => apiKey)).toEqual(['one', 'two', 'two']);
      expect(world.registry.health()[0]?.credentials).toEqual({ total: 2, usable: 1 });
    },
  );

  it('F12: remembers a refused credential, tries it again after a minute, and can be reset', async () => {
    const world = createWorld({ ...SINGLE, scripts: { a: [failure('authentication'), answer] } });
    await chatOnce(world);
    const refused = await chatOnce(world);
    expect([refused.code, refused.call.attempts.length]).toEqual(['upstream_auth_failed', 0]);
    await world.clock.advance(60_000);
    expect((await chatOnce(world)).text).toBe('hello');
    world.adapter('a').scripts = [failure('authentication'), answer];
    await chatOnce(world);
    world.registry.reset('a');
    expect((await chatOnce(world)).text).toBe('hello');
  });
});

describe('AttemptPlanner: breakers', () => {
  const breaker = { failureRatio: 0.5, minRequests: 2, windowMs: 30_000, openMs: 15_000, probes: 1 };
  const sick: WorldOptions = {
    ...SINGLE,
    providers: [providerConfig({ breaker })],
    scripts: { a: [failure('timeout')] },
  };

  it('F43: answers no_healthy_upstream at once while open, and is back after one probe', async () => {
    const world = createWorld(sick);
    await chatOnce(world);
    await chatOnce(world);
    await world.clock.advance(5_000);
    const { code, error, tookMs, call } = await chatOnce(world);
    expect([code, error?.retryAfterMs, tookMs, call.attempts.length]).toEqual(['no_healthy_upstream', 10_000, 0, 0]);
    world.adapter('a').scripts = [answer];
    await world.clock.advance(10_000);
    expect((await chatOnce(world)).text).toBe('hello');
    expect(world.telemetry.of('breakerChanged')).toEqual(
      ['open', 'half-open', 'closed'].map((state) => ({ provider: 'a', model: 'x', state })),
    );
    expect(world.events.map((event) => event.type)).toEqual(['provider.down', 'provider.up']);
  });

  it('says down once, however often the probe fails', async () => {
    const world = createWorld(sick);
    for (let round = 0; round < 4; round += 1) {
      await chatOnce(world);
      await world.clock.advance(15_000);
    }
    expect(world.events.map((event) => event.type)).toEqual(['provider.down']);
  });

  it('passes over a target whose breaker is open', async () => {
    const providers = [providerConfig({ breaker }), providerConfig({ name: 'b' })];
    const world = createWorld({ providers, scripts: { a: [failure('timeout')] } });
    await chatOnce(world);
    await chatOnce(world);
    expect((await chatOnce(world)).route).toBe('b:succeeded');
  });

  it.each<[ProviderErrorKind, boolean]>([
    ['unreachable', true],
    ['timeout', true],
    ['server-error', true],
    ['malformed', true],
    ['redirect', true],
    ['model-not-found', true],
    ['invalid-request', false],
    ['content-filter', false],
    ['too-large', false],
    ['rate-limited', false],
    ['authentication', false],
  ])('%s counts: %s', async (kind, counts) => {
    const world = createWorld({ ...sick, scripts: { a: [failure(kind)] } });
    await chatOnce(world);
    await chatOnce(world);
    expect(world.registry.health()[0]?.breaker).toBe(counts ? 'open' : 'closed');
  });

  it('F42: hides a provider that fails half of its requests, with few extra ones', async () => {
    const providers = [providerConfig(), providerConfig({ name: 'b' })];
    const world = createWorld({ providers });
    let upstream = 0;
    for (let index = 0; index < 200; index += 1) {
      world.adapter('a').scripts = [index % 2 === 0 ? failure('server-error') : answer];
      const { text, call } = await chatOnce(world);
      expect(text).toBe('hello');
      upstream += call.attempts.length;
    }
    expect(upstream).toBeLessThanOrEqual(240);
  });

  it('a probe whose client leaves makes way for the next', async () => {
    const world = createWorld(sick);
    await chatOnce(world);
    await chatOnce(world);
    await world.clock.advance(15_000);
    world.adapter('a').scripts = [['hang'], answer];
    expect((await chatOnce(world, {}, 300)).route).toBe('a:aborted');
    expect([world.registry.health()[0]?.breaker, (await chatOnce(world)).text]).toEqual(['half-open', 'hello']);
  });

  it('a probe that streams for long does not keep the others waiting', async () => {
    const world = createWorld(sick);
    await chatOnce(world);
    await chatOnce(world);
    await world.clock.advance(15_000);
    world.adapter('a').scripts = [[start, ...answer.slice(1, 2), 'hang']];
    await runUntilDone(world.clock, world.registry.chat(chatRequest(), createCall(world.clock)));
    expect(world.registry.health()[0]?.breaker).toBe('closed');
  });
});

describe('AttemptPlanner: timers before content', () => {
  const timeouts = { firstContentMs: 800, idleMs: 500, totalMs: 5_000 };
  const strict = { providers: [providerConfig()], models: [modelConfig('m', ['a/x'], { timeouts })] };
  const hang: ScriptStep[][] = [[start, 'hang']];

  it.each<[string, WorldOptions, object, number, number]>([
    ['F05, F21: the first content of a stream', { ...SINGLE, scripts: { a: hang } }, {}, Infinity, 12_000],
    ['reasoning by request', { ...SINGLE, scripts: { a: hang } }, { reasoning: { effort: 'low' } }, Infinity, 120_000],
    ['an explicit first_content_ms', { ...strict, scripts: { a: hang } }, {}, Infinity, 800],
    ['an explicit first_content_ms, unstreamed', { ...strict, scripts: { a: hang } }, { stream: false }, Infinity, 800],
    ['the total of an unstreamed call', { ...SINGLE, scripts: { a: hang } }, { stream: false }, Infinity, 600_000],
    ["the client's deadline", { ...SINGLE, scripts: { a: hang } }, {}, 300, 300],
  ])('%s', async (_title, options, request, deadlineMs, expectedMs) => {
    const world = createWorld(options);
    const { code, call } = await chatOnce(world, request, deadlineMs);
    expect([code, call.attempts.length]).toEqual(['upstream_timeout', 1]);
    expect(call.attempts[0]?.durationMs).toBe(expectedMs);
    expect(world.adapter('a').seen[0]?.attempt.signal.aborted).toBe(true);
    expect([world.adapter('a').closed, world.clock.pendingTimers]).toEqual([1, 0]);
  });

  it.each([
    ['F05 never a word', ['hang' as const], false],
    ['F21 a head and no content', hang[0] ?? [], true],
  ])('%s: notes whether there was any answer, for the bill', async (_title, script, hasResponded) => {
    const { call } = await chatOnce(createWorld({ ...SINGLE, scripts: { a: [script] } }));
    expect(call.attempts).toMatchObject([{ errorKind: 'timeout', wasSent: true, hasResponded }]);
  });

  it('fails over from a silent target', async () => {
    const { route, tookMs } = await chatOnce(createWorld({ scripts: { a: hang } }));
    expect(route).toBe('a:failed b:succeeded');
    expect(tookMs).toBeLessThan(12_200);
  });

  it("does not blame the provider for the client's deadline", async () => {
    const world = createWorld({ scripts: { a: hang } });
    const { route } = await chatOnce(world, {}, 300);
    expect(route).toBe('a:aborted');
    expect(world.registry.health()[0]).toMatchObject({ consecutiveFailures: 0, lastError: null });
  });

  it("O20: the client's deadline stays where it is when the wall clock jumps", async () => {
    const world = createWorld();
    const call = createCall(world.clock, 300);
    world.clock.jump(3_600_000);
    const work = world.registry.chat(chatRequest(), call).then(collectChat);
    expect(await runUntilDone(world.clock, work)).toHaveProperty('value');
  });

  it('refuses at once when the deadline has passed already', async () => {
    const { code, call } = await chatOnce(createWorld(), {}, 0);
    expect([code, call.attempts.length]).toEqual(['upstream_timeout', 0]);
  });
});

describe('AttemptPlanner: the retry budget', () => {
  it('lets three of many calls that fail together try the same target again; the others fail over at once', async () => {
    const world = createWorld({ scripts: { a: [failure('server-error')] } });
    const calls = Array.from({ length: 6 }, () => createCall(world.clock));
    const work = Promise.all(calls.map((call) => world.registry.chat(chatRequest(), call).then(collectChat)));
    await runUntilDone(world.clock, work);
    const retried = calls.filter((call) => call.attempts.length === 3);
    expect([retried.length, calls.every((call) => call.answeredBy?.provider === 'b')]).toEqual([3, true]);
    expect([world.budget.inFlight, world.budget.retries]).toEqual([0, 0]);
  });

  it('counts a call as long as its answer streams, and a retry until it answers', async () => {
    const world = createWorld({
      ...SINGLE,
      scripts: { a: [failure('server-error'), [...answer.slice(0, 2), 'hang']] },
    });
    const call = createCall(world.clock);
    await runUntilDone(world.clock, world.registry.chat(chatRequest(), call));
    expect([world.budget.inFlight, world.budget.retries]).toEqual([1, 0]);
    call.finish();
    expect(world.budget.inFlight).toBe(0);
  });
});

describe('AttemptPlanner: what is asked before another attempt', () => {
  it('ends the call when the client left meanwhile, and holds nothing', async () => {
    const world = createWorld({ scripts: { a: [failure('server-error')] } });
    const call = createCall(world.clock);
    call.beforeRetry = () => {
      call.abort(new ClientGoneError());
      return Promise.resolve();
    };
    const outcome = await runUntilDone(world.clock, world.registry.chat(chatRequest(), call));
    expect(outcome).toMatchObject({ error: { name: 'ClientGoneError' } });
    expect([call.attempts.length, world.adapter('b').seen.length]).toEqual([1, 0]);
    call.finish();
    expect([world.budget.inFlight, world.budget.retries]).toEqual([0, 0]);
  });
});

describe('AttemptPlanner: a call that is over', () => {
  it('lets go of a provider that has not said a word, and asks nobody else', async () => {
    const world = createWorld({ scripts: { a: [['hang']] } });
    const call = createCall(world.clock);
    const answer = world.registry.chat(chatRequest(), call);
    await world.clock.advance(0);
    call.finish();
    expect(await runUntilDone(world.clock, answer)).toMatchObject({ error: { name: 'ClientGoneError' } });
    expect(call.attempts).toMatchObject([{ outcome: 'aborted' }]);
    expect(world.adapter('a').seen[0]?.attempt.signal.aborted).toBe(true);
    expect([world.adapter('b').seen.length, world.budget.inFlight, world.clock.pendingTimers]).toEqual([0, 0, 0]);
  });
});
