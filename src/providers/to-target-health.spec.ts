import { describe, expect, it } from '@jest/globals';
import {
  answer,
  chatOnce,
  createWorld,
  failure,
  modelConfig,
  providerConfig,
  type ScriptStep,
  type World,
} from '../../test/support/scripted-providers.js';

const KEYS = ['sk-1', 'sk-2'];

function worldOf(scripts: (readonly ScriptStep[])[], apiKeys = KEYS): World {
  return createWorld({
    providers: [
      providerConfig({
        apiKeys,
        breaker: { failureRatio: 0.9, minRequests: 3, windowMs: 30_000, openMs: 15_000, probes: 1 },
      }),
    ],
    models: [modelConfig('m', ['a/x'])],
    scripts: { a: scripts },
  });
}

describe('the health of a target', () => {
  it('is known before anything was asked of it', () => {
    expect(worldOf([]).registry.health()).toEqual([
      {
        provider: 'a',
        model: 'x',
        state: 'healthy',
        breaker: 'closed',
        retryAfterMs: 0,
        lastError: null,
        lastErrors: [],
        consecutiveFailures: 0,
        credentials: { total: 2, usable: 2 },
        coolDown: null,
        coolDowns: [],
        load: expect.objectContaining({ inFlight: 0, requests: 0, errorRate: 0 }),
        limits: null,
      },
    ]);
  });

  it.each<[string, string, (readonly ScriptStep[])[], string[]]>([
    ['healthy', 'answers', [answer], KEYS],
    ['degraded', 'has lost one of its credentials', [failure('authentication'), answer], KEYS],
    ['sick', 'has lost all of its credentials', [failure('authentication')], KEYS],
    ['sick', 'may not use the model', [failure('permission')], ['sk-1']],
    ['paused', 'was asked to wait', [failure('rate-limited', { retryAfterMs: 50_000 })], ['sk-1']],
    ['sick', 'fails until its breaker opens', [failure('server-error')], KEYS],
  ])('is %s when it %s', async (state, _what, scripts, keys) => {
    const world = worldOf(scripts, keys);
    await chatOnce(world);
    expect(world.registry.health()[0]?.state).toBe(state);
  });

  it('is degraded when a tenth of at least ten requests fail, and the breaker sees no reason yet', async () => {
    const world = worldOf([failure('malformed'), answer]);
    for (let count = 0; count < 8; count += 1) await chatOnce(world);
    expect(world.registry.health()[0]).toMatchObject({ state: 'healthy', breaker: 'closed', load: { requests: 9 } });
    await chatOnce(world);
    expect(world.registry.health()[0]).toMatchObject({ state: 'degraded', breaker: 'closed', load: { requests: 10 } });
  });

  it('shows each credential that is out of use, by its hash, and the newest failures first', async () => {
    const world = worldOf([failure('rate-limited', { retryAfterMs: 40_000 }), failure('quota-exhausted')]);
    await chatOnce(world);
    const [health] = world.registry.health();
    expect(health?.coolDowns).toEqual([
      {
        credential: expect.stringMatching(/^[0-9a-f]{12}$/),
        reason: 'rate-limited',
        isEverywhere: false,
        retryAfterMs: expect.any(Number),
      },
      {
        credential: expect.stringMatching(/^[0-9a-f]{12}$/),
        reason: 'quota-exhausted',
        isEverywhere: true,
        retryAfterMs: expect.any(Number),
      },
    ]);
    expect(health?.lastErrors.map(({ kind }) => kind)).toEqual(['quota-exhausted', 'rate-limited']);
    expect(world.registry.gauges()).toEqual([{ provider: 'a', credentials: { total: 2, usable: 1 }, limits: null }]);
    world.registry.reset('a');
    expect(world.registry.health()[0]).toMatchObject({ state: 'healthy', coolDowns: [], consecutiveFailures: 0 });
  });

  it('remembers ten failures', async () => {
    const world = worldOf([failure('redirect')]);
    for (let count = 0; count < 12; count += 1) {
      await chatOnce(world);
      world.registry.reset('a');
    }
    expect(world.registry.health()[0]?.lastErrors).toHaveLength(10);
  });
});

describe('alarms', () => {
  it('F08, F12: a credential that is refused is told once, to the metrics and to other features', async () => {
    const world = worldOf([failure('authentication'), failure('quota-exhausted'), answer]);
    await chatOnce(world);
    await chatOnce(world);
    expect(world.events).toEqual([
      { type: 'provider.alarm', provider: 'a', model: null, reason: 'authentication' },
      { type: 'provider.alarm', provider: 'a', model: null, reason: 'quota-exhausted' },
    ]);
    expect(world.telemetry.of('providerAlarm')).toEqual([
      { provider: 'a', reason: 'authentication' },
      { provider: 'a', reason: 'quota-exhausted' },
    ]);
    expect(world.telemetry.of('credentialBlocked')).toEqual(world.telemetry.of('providerAlarm'));
  });

  it('F06: a cool-down is counted and is no alarm', async () => {
    const world = worldOf([failure('rate-limited', { retryAfterMs: 1_000 }), answer]);
    await chatOnce(world);
    expect(world.telemetry.of('credentialBlocked')).toEqual([{ provider: 'a', reason: 'rate-limited' }]);
    expect([world.events, world.telemetry.of('providerAlarm')]).toEqual([[], []]);
  });

  it('F15: a configured model that is gone is told once in ten minutes, and counted each time', async () => {
    const world = worldOf([failure('model-not-found')]);
    const gone = { type: 'provider.alarm', provider: 'a', model: 'x', reason: 'model-unavailable' };
    await chatOnce(world);
    await chatOnce(world);
    expect(world.events).toEqual([gone]);
    expect(world.telemetry.of('providerAlarm')).toHaveLength(2);
    await world.clock.advance(600_000);
    world.registry.reset('a');
    await chatOnce(world);
    expect(world.events.filter(({ type }) => type === 'provider.alarm')).toEqual([gone, gone]);
  });

  it('F15: an unlisted model that a client thought up is no alarm', async () => {
    const world = worldOf([failure('model-not-found')]);
    await chatOnce(world, { model: 'a/thought-up' });
    expect([world.events, world.telemetry.of('providerAlarm')]).toEqual([[], []]);
  });

  it('F12: that a key may not use an unlisted model is counted and is no alarm', async () => {
    const world = worldOf([failure('permission')]);
    for (const model of ['a/one', 'a/two', 'a/three']) {
      expect((await chatOnce(world, { model })).code).toBe('upstream_auth_failed');
    }
    expect([world.events, world.telemetry.of('providerAlarm')]).toEqual([[], []]);
    // Both keys, each time.
    expect(world.telemetry.of('credentialBlocked')).toHaveLength(6);
    await chatOnce(world);
    const alarm = { type: 'provider.alarm', provider: 'a', model: 'x', reason: 'permission' };
    expect(world.events).toEqual([alarm, alarm]);
  });

  it('F32: a usage that cannot be meant is one', async () => {
    const world = worldOf([answer]);
    await chatOnce(world);
    world.adapter('a').seen[0]?.attempt.implausibleUsage();
    expect(world.events).toEqual([{ type: 'provider.alarm', provider: 'a', model: 'x', reason: 'implausible-usage' }]);
  });
});
