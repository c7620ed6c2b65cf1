import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CrashBench } from '../support/crash-bench.js';
import { expectExactLedger } from '../support/expect-exact-ledger.js';

const AT_ONCE = 8;
const KILLS = 2;
const SERVED_BETWEEN = 60;
// Builds what is not built, and starts four times.
const LONG_MS = 180_000;

describe('a process that is killed', () => {
  const bench = new CrashBench();

  beforeAll(() => bench.open(), LONG_MS);

  afterAll(() => bench.close(), LONG_MS);

  it(
    'O12 leaves a ledger that is exact after the next start: one row for each request that the provider saw, nothing reserved',
    async () => {
      for (let kills = 0; kills < KILLS; kills += 1) {
        await bench.loadUntilServed(AT_ONCE, SERVED_BETWEEN, () => bench.kill());
        const served = bench.provider.requests.length;
        await bench.restart();
        expect(bench.provider.requests).toHaveLength(served);
        await expectExactLedger(bench, { mostAbandoned: AT_ONCE * (kills + 1) });
      }
      expect(await bench.check()).toContain('The ledger adds up (1 running');
      await bench.stop();
      expect(await bench.check()).toContain('The ledger adds up (at rest)');
    },
    LONG_MS,
  );
});
