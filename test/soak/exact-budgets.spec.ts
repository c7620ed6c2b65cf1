import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { METERED_ROUTES } from '../e2e/money/metered-routes.js';
import { MoneyBench } from '../e2e/money/money-bench.js';
import { spendExactly } from '../e2e/money/spend.js';
import { runsOnServer } from '../support/database.js';

const ROUNDS = 20;
const bench = new MoneyBench();

// The embedded database belongs to one process: two applications would be two clients of one session.
(runsOnServer ? describe : describe.skip)('two replicas on one PostgreSQL (needs TEST_DATABASE_URL)', () => {
  beforeAll(async () => {
    await bench.start(2);
  });

  afterAll(async () => {
    await bench.stop();
  });

  it.each(Object.entries(METERED_ROUTES))(
    `%s: far more requests at once than there is money for, ${String(ROUNDS)} rounds`,
    async (name, route) => {
      bench.reset();
      const reservedUsd = await bench.reservationOf(name, route);
      for (let round = 0; round < ROUNDS; round += 1) {
        await spendExactly(bench, [name, route], reservedUsd, { requests: 200, enoughFor: 10 });
      }
    },
  );
});
