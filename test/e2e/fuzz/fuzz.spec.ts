import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fuzzSeed } from './fuzz-seed.js';
import { FuzzWorld } from './fuzz-world.js';
import { runFuzz, runValid } from './run-fuzz.js';

const world = new FuzzWorld();
const seed = fuzzSeed();

beforeAll(() => world.start());

afterAll(async () => {
  expect(await world.stop()).toBe(0);
});

// Once over all operations, twice what is asked of each in a run by hand.
describe('requests made from the OpenAPI document', () => {
  it('are taken when they are valid', async () => {
    expect(await runValid(world, { seed, perOperation: 1 })).toEqual([]);
  });

  it('cost nothing when something is wrong with them', async () => {
    expect(await runFuzz(world, { seed, perOperation: 3 })).toEqual([]);
    const good = await world.app.post('/v1/chat', { message: 'What can you do?', store: false });
    expect(good.status).toBe(200);
  });
});
