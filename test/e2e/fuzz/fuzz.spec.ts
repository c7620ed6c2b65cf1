import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fuzzSeed } from './fuzz-seed.js';
import { FuzzWorld } from './fuzz-world.js';
import { runFuzz, runValid } from './run-fuzz.js';

// A few of each; test/soak/fuzz.spec.ts sends thousands.
describe('requests made from the OpenAPI document', () => {
  const world = new FuzzWorld();
  // Always the same, so that a run says something about a change; others are for the soak.
  const seed = fuzzSeed(1);

  beforeAll(() => world.start());

  afterAll(async () => {
    expect(await world.stop()).toBe(0);
  });

  it('are taken when they are valid', async () => {
    expect(await runValid(world, { seed, perOperation: 1 })).toEqual([]);
  });

  it('cost nothing when something is wrong with them', async () => {
    expect(await runFuzz(world, { seed, perOperation: 3 })).toEqual([]);
    const good = await world.app.post('/v1/chat', { message: 'What can you do?', store: false });
    expect(good.status).toBe(200);
  });
});
