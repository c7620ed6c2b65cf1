import { describe, expect, it } from '@jest/globals';
import {
  chatOnce,
  createWorld,
  modelConfig,
  providerConfig,
  type ScriptStep,
  type World,
} from '../../../test/support/scripted-providers.js';
import { FakeClock } from '../../../test/support/fake-clock.js';
import { ProviderError } from '../provider-error.js';
import { parseRetryAfter } from '../transport/parse-retry-after.js';

type Headers = Readonly<Record<string, string>>;

/** A provider that always answers 429 with the headers. */
function limitedBy(headers: Headers): ScriptStep[][] {
  const retryAfterMs = parseRetryAfter(headers, new FakeClock());
  return [[new ProviderError('rate-limited', 'scripted', { retryAfterMs, status: 429 })]];
}

const inSeconds = (seconds: number): string => new Date(new FakeClock().now() + seconds * 1_000).toUTCString();

function alone(headers: Headers): World {
  return createWorld({
    providers: [providerConfig()],
    models: [modelConfig('m', ['a/x'])],
    scripts: { a: limitedBy(headers) },
  });
}

/** When each attempt was dispatched, in milliseconds from the first. */
function dispatches({ call }: Awaited<ReturnType<typeof chatOnce>>): number[] {
  const first = call.attempts[0]?.startedAt ?? 0;
  return call.attempts.map(({ startedAt }) => startedAt - first);
}

describe('a provider that limits our rate and says when to come back', () => {
  it.each<[string, Headers, number[], number]>([
    ['F06 two seconds, waited out twice', { 'retry-after': '2' }, [0, 2_000, 4_000], 2_000],
    ['F06 milliseconds', { 'retry-after-ms': '1500', 'retry-after': '60' }, [0, 1_500, 3_000], 1_500],
    ['F06 a date in two seconds', { 'retry-after': inSeconds(2) }, [0, 2_000, 4_000], 2_000],
    ['F06 five seconds: ten in all', { 'retry-after': '5' }, [0, 5_000, 10_000], 5_000],
    ['F06 six seconds: twice is more than ten', { 'retry-after': '6' }, [0, 6_000], 6_000],
    ['F06 ten seconds', { 'retry-after': '10' }, [0, 10_000], 10_000],
    ['F07 eleven seconds', { 'retry-after': '11' }, [0], 11_000],
    ['F07 an hour', { 'retry-after': '3600' }, [0], 60_000],
    ['F07 a date in half a minute', { 'retry-after': inSeconds(30) }, [0], 30_000],
    ['F07 nothing', {}, [0, 100], 1_000],
    ['F07 a date in the past', { 'retry-after': inSeconds(-30) }, [0, 100], 1_000],
    ['F07 a negative wait', { 'retry-after': '-5' }, [0, 100], 1_000],
    ['F07 garbage', { 'retry-after': 'soon' }, [0, 100], 1_000],
    ['F07 zero', { 'retry-after': '0' }, [0, 100], 1_000],
  ])('%s, with nowhere else to go', async (_title, headers, expected, retryAfterMs) => {
    const outcome = await chatOnce(alone(headers));
    expect([outcome.code, outcome.error?.retryAfterMs]).toEqual(['upstream_rate_limited', retryAfterMs]);
    expect(dispatches(outcome)).toEqual(expected);
    expect(outcome.error?.shouldRetry).toBe(expected.length > 1 ? false : undefined);
  });

  it.each<[string, Headers, string, number[]]>([
    [
      'F06 two seconds: the same target first',
      { 'retry-after': '2' },
      'a:failed a:failed b:succeeded',
      [0, 2_000, 2_000],
    ],
    ['F06 two and a half', { 'retry-after': '2.5' }, 'a:failed a:failed b:succeeded', [0, 2_500, 2_500]],
    ['F06 a little more', { 'retry-after-ms': '2501' }, 'a:failed b:succeeded', [0, 0]],
    ['F06 five seconds', { 'retry-after': '5' }, 'a:failed b:succeeded', [0, 0]],
    ['F07 an hour', { 'retry-after': '3600' }, 'a:failed b:succeeded', [0, 0]],
    ['F07 a date', { 'retry-after': inSeconds(30) }, 'a:failed b:succeeded', [0, 0]],
    ['F07 nothing', {}, 'a:failed b:succeeded', [0, 0]],
    ['F07 a negative wait', { 'retry-after': '-5' }, 'a:failed b:succeeded', [0, 0]],
    ['F07 garbage', { 'retry-after': 'soon' }, 'a:failed b:succeeded', [0, 0]],
  ])('%s, with a healthy target', async (_title, headers, route, expected) => {
    const world = createWorld({ scripts: { a: limitedBy(headers) } });
    const outcome = await chatOnce(world);
    expect([outcome.route, dispatches(outcome)]).toEqual([route, expected]);
    expect(world.registry.health()[0]).toMatchObject({ breaker: 'closed', coolDown: { reason: 'rate-limited' } });
  });

  it('F06: a target that is ill is no healthy one: the wait is spent here', async () => {
    const breaker = { ...providerConfig().breaker, minRequests: 1 };
    const world = createWorld({
      providers: [providerConfig(), providerConfig({ name: 'b', breaker })],
      models: [modelConfig('m', ['a/x', 'b/x']), modelConfig('other', ['b/x'])],
      scripts: { a: limitedBy({ 'retry-after': '4' }), b: [[new ProviderError('timeout', 'scripted')]] },
    });
    await chatOnce(world, { model: 'other' });
    const outcome = await chatOnce(world);
    expect([outcome.code, dispatches(outcome)]).toEqual(['upstream_rate_limited', [0, 4_000, 8_000]]);
  });

  it("F06: never waits past the client's deadline", async () => {
    const outcome = await chatOnce(alone({ 'retry-after': '5' }), {}, 4_000);
    expect([outcome.code, dispatches(outcome), outcome.tookMs]).toEqual(['upstream_rate_limited', [0], 0]);
  });
});
