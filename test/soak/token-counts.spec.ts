import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { compareCounts } from '../e2e/money/mixed-requests.js';
import { MoneyBench } from '../e2e/money/money-bench.js';
import { seededRandom, soakSeed } from '../support/soak-seed.js';

const REQUESTS = 5_000;
const random = seededRandom(soakSeed());
const bench = new MoneyBench();

beforeAll(async () => {
  await bench.start();
});

afterAll(async () => {
  await bench.stop();
});

it(`${String(REQUESTS)} mixed requests: the ledger has the tokens that the provider reported, to the last one`, async () => {
  const key = await bench.createKey({ budgets: [{ window: 'month', amount_usd: 1_000_000 }] });
  const compared = await compareCounts(bench, key, REQUESTS, random);
  process.stdout.write(`${String(compared)} of ${String(REQUESTS)} requests were answered whole and compared.\n`);
  expect(compared).toBeGreaterThan(REQUESTS * 0.9);
});
