import { describe, expect, it } from '@jest/globals';
import {
  answer,
  chatRequest,
  createCall,
  createWorld,
  failure,
  modelConfig,
  providerConfig,
} from '../../support/scripted-providers.js';
import { collectChat } from '../../../src/core/chat/collect-chat.js';

const OUTAGE_MS = 60_000;
const PACE_MS = 100;
const BREAKER = { failureRatio: 0.5, minRequests: 10, windowMs: 30_000, openMs: 15_000, probes: 1 };

describe('the failover scenarios, with one fallback', () => {
  it('15: a provider that is away for 60 s is probed a few times, and nobody notices', async () => {
    const world = createWorld({
      providers: [providerConfig({ breaker: BREAKER }), providerConfig({ name: 'b' })],
      models: [modelConfig('m', ['a/x', 'b/x'])],
      scripts: { a: [failure('unreachable')], b: [answer] },
    });
    const primary = world.adapter('a');
    const ask = async (ms: number): Promise<string[]> => {
      const answers: Promise<string>[] = [];
      for (let elapsed = 0; elapsed < ms; elapsed += PACE_MS) {
        const call = createCall(world.clock);
        const done = world.registry.chat(chatRequest(), call).then(collectChat);
        answers.push(done.then(({ choices }) => `${choices[0]?.text ?? ''} ${call.answeredBy?.provider ?? ''}`));
        await world.clock.advance(PACE_MS);
      }
      await world.clock.advance(1_000);
      return Promise.all(answers);
    };

    const during = await ask(OUTAGE_MS);
    expect(new Set(during)).toEqual(new Set(['hello b']));
    // Ten failures open the breaker; those under way by then have a retry each. Then there is one probe in 15 s, and its retry.
    const asked = primary.seen.length;
    expect(asked).toBeLessThanOrEqual(2 * BREAKER.minRequests + 2 * (OUTAGE_MS / BREAKER.openMs));

    primary.scripts = [answer];
    const after = await ask(2 * BREAKER.openMs);
    // Until the next probe the other one answers; after the first that succeeds, everything is as before.
    const back = after.indexOf('hello a');
    expect(new Set(after.slice(0, back))).toEqual(new Set(back === 0 ? [] : ['hello b']));
    expect(back).toBeGreaterThanOrEqual(0);
    expect(back * PACE_MS).toBeLessThanOrEqual(BREAKER.openMs + PACE_MS);
    expect(new Set(after.slice(back))).toEqual(new Set(['hello a']));
    expect(world.events.map(({ type }) => type)).toEqual(['provider.down', 'provider.up']);
  });
});
