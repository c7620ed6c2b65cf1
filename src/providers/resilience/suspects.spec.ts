import { describe, expect, it } from '@jest/globals';
import {
  answer,
  chatOnce,
  chatRequest,
  createCall,
  createWorld,
  modelConfig,
  providerConfig,
  type World,
} from '../../../test/support/scripted-providers.js';

/** One model with a target at each provider, the first of which has fallen silent with ten requests under way. */
async function withSilentFirst(names: readonly string[]): Promise<World> {
  const targets = names.map((name) => `${name}/x`);
  const world = createWorld({
    providers: names.map((name) => providerConfig({ name })),
    models: [modelConfig('m', targets, { timeouts: { firstContentMs: 5_000 } })],
  });
  for (let index = 0; index < 30; index += 1) await chatOnce(world);
  world.adapter('a').scripts = [['hang']];
  for (let index = 0; index < 10; index += 1) {
    void world.registry.chat(chatRequest(), createCall(world.clock)).catch(() => undefined);
  }
  await world.clock.advance(1_000);
  return world;
}

describe('SeatFinder: suspects', () => {
  it('passes over a target where many requests are silent for unusually long', async () => {
    const world = await withSilentFirst(['a', 'b']);
    expect((await chatOnce(world)).route).toBe('b:succeeded');
    expect(world.registry.health()[0]?.breaker).toBe('closed');
  });

  it('uses it all the same when there is no other', async () => {
    const world = await withSilentFirst(['a']);
    world.adapter('a').scripts = [answer];
    expect((await chatOnce(world)).route).toBe('a:succeeded');
  });

  it('comes back to it once the silent requests are over and it was found well again', async () => {
    const world = await withSilentFirst(['a', 'b']);
    world.adapter('a').scripts = [answer];
    // The silent ones run out and open the breaker; one probe closes it.
    await world.clock.advance(4_000 + providerConfig().breaker.openMs);
    expect([(await chatOnce(world)).route, (await chatOnce(world)).route]).toEqual(['a:succeeded', 'a:succeeded']);
  });
});
