import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { LedgerWriter } from '../../../src/usage/ledger/ledger-writer.service.js';
import { EXEMPT_ROUTES, METERED_CASES, METERED_ROUTES, type MeteredRoute } from './metered-routes.js';
import { type Answer, MoneyBench, type TestKey } from './money-bench.js';

const MOST_TRIES = 3;
const LEAST_USD = 0.0000000001;
const bench = new MoneyBench();

describe('money: refusals', () => {
  beforeAll(async () => {
    await bench.start();
  });

  beforeEach(() => {
    bench.reset();
  });

  afterAll(async () => {
    await bench.stop();
  });

  it('knows every route that a key can spend money on', () => {
    const routes = bench.app.routes().filter((route) => route.startsWith('POST /v1/'));
    const known = [...Object.keys(METERED_ROUTES), ...Object.keys(EXEMPT_ROUTES)];
    expect(routes).toEqual(known.filter((route) => route.startsWith('POST ')).sort());
  });

  describe.each(METERED_CASES)('%s', (_title, name, route) => {
    it('C25 answers 429 insufficient_quota, without retry, when the budget is spent', async () => {
      const key = await bench.createKey({ budgets: [{ window: 'day', amount_usd: LEAST_USD }] });
      const refused = await bench.send(name, route, key);
      expect(refused).toMatchObject({ status: 429, code: 'insufficient_quota' });
      expect(refused.headers.get('x-should-retry')).toBe('false');
      await expectNothing(refused);
      expect(await bench.standing(key)).toMatchObject({ charges: expect.any(Number), charged: zeroOrMissing() });
    });

    it('answers 429 insufficient_quota when the budget of the model is spent, and lets others pass', async () => {
      const spent = await bench.createKey({
        budgets: [
          { window: 'total', amount_usd: LEAST_USD, model: `${route.provider ?? 'openai'}/*` },
          { window: 'total', amount_usd: 1 },
        ],
      });
      expect(await bench.send(name, route, spent)).toMatchObject({ status: 429, code: 'insufficient_quota' });
      expect(bench.calls).toBe(0);
      const other = await bench.createKey({ budgets: [{ window: 'total', amount_usd: LEAST_USD, model: 'shaky/*' }] });
      expect(await bench.send(name, route, other)).toMatchObject({ code: null });
    });

    it('C25 answers 429 rate_limit_exceeded when the limit is used up', async () => {
      const key = await bench.createKey({ limits: { requests_per_minute: 1 } });
      const { refused, sentBefore } = await untilRefused(name, route, key);
      expect(refused).toMatchObject({ status: 429, code: 'rate_limit_exceeded' });
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(bench.calls).toBe(sentBefore);
    });

    it('answers 429 rate_limit_exceeded when the tokens do not fit', async () => {
      const key = await bench.createKey({ limits: { tokens_per_minute: 1 } });
      const refused = await bench.send(name, route, key);
      expect(refused).toMatchObject({ status: 429, code: 'rate_limit_exceeded' });
      await expectNothing(refused);
    });

    it('answers 403 model_not_allowed for a model that is not on the list', async () => {
      const key = await bench.createKey({ models: ['shaky/*'] });
      const refused = await bench.send(name, route, key);
      expect(refused).toMatchObject({ status: 403, code: 'model_not_allowed' });
      await expectNothing(refused);
    });
  });

  /** Nobody was asked, and the ledger has nothing of it: of a call that had something else let through before, a failure. */
  async function expectNothing({ headers }: Answer): Promise<void> {
    expect(bench.calls).toBe(0);
    await bench.app.nest.get(LedgerWriter).flush();
    const rows = await bench.query<{ status: string; cost: string }>(
      `select status, cost_usd::text as cost from usage_request where request_id = $1 and status <> 'open'`,
      [headers.get('x-request-id')],
    );
    expect(rows.filter(({ status, cost }) => status !== 'failed' || Number(cost) !== 0)).toEqual([]);
  }

  function zeroOrMissing(): unknown {
    return expect.stringMatching(/^0(\.0+)?$/);
  }

  // The limit's minute may end between two requests.
  async function untilRefused(
    name: string,
    route: MeteredRoute,
    key: TestKey,
  ): Promise<{ refused: Answer; sentBefore: number }> {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const sentBefore = bench.calls;
      const answer = await bench.send(name, route, key);
      if (answer.code !== null) return { refused: answer, sentBefore };
    }
    throw new Error('The limit never refused.');
  }
});
