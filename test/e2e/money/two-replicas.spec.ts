import { describe, afterAll, beforeAll, expect, it } from '@jest/globals';
import { runsOnServer } from '../../support/database.js';
import { METERED_ROUTES } from './metered-routes.js';
import { MoneyBench } from './money-bench.js';
import { spendExactly } from './spend.js';

const ROUNDS = [
  ['POST /v1/chat/completions', 20],
  ['POST /v1/chat/stream', 2],
  ['POST /v1/embeddings', 2],
  ['POST /v1/stream', 1],
] as const;
const bench = new MoneyBench();
// The embedded database belongs to one process: two applications would be two clients of one session.
const onServer = runsOnServer ? it : it.skip;

describe('money: two replicas', () => {
  beforeAll(async () => {
    if (runsOnServer) await bench.start(2);
  });

  afterAll(async () => {
    if (runsOnServer) await bench.stop();
  });

  onServer.each(ROUNDS)(
    '%s: 200 requests on two replicas, money for 10 (%d rounds, needs TEST_DATABASE_URL)',
    async (name, rounds) => {
      const route = METERED_ROUTES[name];
      if (!route) throw new Error(`${name} is not in the table.`);
      bench.reset();
      const reservedUsd = await bench.reservationOf(name, route);
      for (let round = 0; round < rounds; round += 1) {
        await spendExactly(bench, [name, route], reservedUsd, { requests: 200, enoughFor: 10 });
      }
      expect(bench.apps).toHaveLength(2);
    },
  );
});
