import { describe, expect, it } from '@jest/globals';
import { catalogEntry } from '../../../test/support/catalog-entry.js';
import {
  chatOnce,
  createWorld,
  finish,
  hello,
  modelConfig,
  providerConfig,
  type ScriptStep,
  start,
} from '../../../test/support/scripted-providers.js';
import type { TimeoutConfig } from '../../config/gateway-config.js';
import type { ChatRequest } from '../../core/chat/chat-request.js';
import { isReasoningCall, toRouteTimeouts } from './route-timeouts.js';

describe('toRouteTimeouts', () => {
  it('has the default timers, longer ones for reasoning', () => {
    const { plain, reasoning, unstreamedFirstContentMs } = toRouteTimeouts({});
    expect(plain).toEqual({
      connectMs: 5_000,
      firstContentMs: 12_000,
      responseHeadMs: 120_000,
      idleMs: 20_000,
      bodyMs: 30_000,
      totalMs: 600_000,
    });
    expect(reasoning).toEqual({ ...plain, firstContentMs: 120_000, responseHeadMs: 300_000, idleMs: 60_000 });
    expect(unstreamedFirstContentMs).toBe(Infinity);
  });

  it("lays the model's own timers over both", () => {
    const own = { connectMs: 1, firstContentMs: 2, responseHeadMs: 3, idleMs: 4, bodyMs: 5, totalMs: 6 };
    expect(toRouteTimeouts(own)).toEqual({ plain: own, reasoning: own, unstreamedFirstContentMs: 2 });
  });
});

describe('isReasoningCall', () => {
  const thinks = catalogEntry({ capabilities: { reasoning: true } });
  const thinksOnDemand = catalogEntry({ vendor: 'anthropic', capabilities: { reasoning: true } });
  const request = (reasoning?: ChatRequest['reasoning']): ChatRequest => ({
    model: 'm',
    messages: [],
    stream: true,
    ...(reasoning ? { reasoning } : {}),
  });

  it.each([
    ['the request asks for it', { effort: 'low' as const }, null, true],
    ['the request gives thinking tokens', { budgetTokens: 1_024 }, null, true],
    ['the model always thinks', undefined, thinks, true],
    ['an effort of none turns it off', { effort: 'none' as const }, thinks, false],
    ['no thinking tokens turn it off', { budgetTokens: 0 }, thinks, false],
    ['a model that thinks on demand was not asked', undefined, thinksOnDemand, false],
    ['a model that does not think', undefined, catalogEntry(), false],
    ['nothing is known', undefined, null, false],
  ])('%s', (_name, reasoning, entry, expected) => {
    expect(isReasoningCall(request(reasoning), entry)).toBe(expected);
  });
});

describe('the timers of a call', () => {
  const stalls: ScriptStep[] = [start, hello, 'hang'];
  const world = (script: ScriptStep[], timeouts: Partial<TimeoutConfig> = {}) =>
    createWorld({
      providers: [providerConfig()],
      models: [modelConfig('m', ['a/x'], { timeouts })],
      scripts: { a: [script] },
    });

  it.each([
    ['F21: the first content of a stream', {}, {}, 12_000],
    ['F21: the first content of one that reasons', {}, { reasoning: { effort: 'high' as const } }, 120_000],
    ['an explicit first_content_ms', { firstContentMs: 700 }, {}, 700],
    ['an explicit one of a call that reasons', { firstContentMs: 700 }, { reasoning: { effort: 'low' as const } }, 700],
    ['F05: an explicit one without streaming', { firstContentMs: 700 }, { stream: false }, 700],
    ['the total, when it is shorter', { totalMs: 500 }, {}, 500],
    ['the total without streaming', { totalMs: 3_000 }, { stream: false }, 3_000],
  ])('%s', async (_name, timeouts, rest: Partial<ChatRequest>, expectedMs) => {
    const { code, tookMs } = await chatOnce(world(['hang'], timeouts), rest);
    expect([code, tookMs]).toEqual(['upstream_timeout', expectedMs]);
  });

  it.each([
    ['F22: between two events', {}, {}, 20_000],
    ['F22: between two of one that reasons', {}, { reasoning: { effort: 'high' as const } }, 60_000],
    ['an explicit idle_ms', { idleMs: 300 }, { reasoning: { effort: 'high' as const } }, 300],
  ])('%s', async (_name, timeouts, rest: Partial<ChatRequest>, expectedMs) => {
    const { code, tookMs } = await chatOnce(world(stalls, timeouts), rest);
    expect([code, tookMs]).toEqual(['upstream_stream_interrupted', expectedMs]);
  });

  it("the client's own deadline caps all of them", async () => {
    for (const stream of [true, false]) {
      const { tookMs, call } = await chatOnce(world(['hang'], { firstContentMs: 5_000 }), { stream }, 900);
      expect([tookMs, call.attempts[0]?.outcome]).toEqual([900, 'aborted']);
    }
  });

  it('F20: what is slow but within its time is answered', async () => {
    const { text } = await chatOnce(world([start, 11_900, hello, 19_900, finish]));
    expect(text).toBe('hello');
  });
});
