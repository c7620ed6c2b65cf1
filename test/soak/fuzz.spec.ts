import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fuzzSeed } from '../e2e/fuzz/fuzz-seed.js';
import { FuzzWorld } from '../e2e/fuzz/fuzz-world.js';
import { runFuzz, runValid } from '../e2e/fuzz/run-fuzz.js';

const REQUESTS = Number(process.env.FUZZ_REQUESTS ?? 5_000);

const world = new FuzzWorld();
const seed = fuzzSeed(Math.floor(Math.random() * 1e9));

beforeAll(() => world.start());

afterAll(async () => {
  expect(await world.stop()).toBe(0);
});

describe(`${String(REQUESTS)} requests made from the OpenAPI document`, () => {
  it('are taken when they are valid', async () => {
    const perOperation = Math.ceil(REQUESTS / 5 / world.operations.length);
    expect(await runValid(world, { seed, perOperation })).toEqual([]);
  });

  it('cost nothing when something is wrong with them', async () => {
    const perOperation = Math.ceil(REQUESTS / world.operations.length);
    expect(await runFuzz(world, { seed, perOperation })).toEqual([]);
  });
});
