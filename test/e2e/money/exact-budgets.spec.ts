import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { MONEY_DIGITS, toScaled } from '../../../src/core/money.js';
import { METERED_CASES, type MeteredRoute } from './metered-routes.js';
import { exactReply, MoneyBench, type TestKey } from './money-bench.js';
import { countCodes, spendExactly } from './spend.js';

const CHAT = ['POST /v1/chat/completions', { body: () => chat() }] as const;
const STREAM = ['POST /v1/chat/completions', { body: () => chat({ stream: true }), isStream: true }] as const;
const ANSWER = [
  'POST /v1/stream',
  { body: () => ({ model: 'money', question: 'How far does the godwit fly?' }), isStream: true },
] as const;
const FALLBACK = ['POST /v1/chat/completions', { body: () => chat({ model: 'impatient' }) }] as const;
/** With keys three of the routes are enough: what a key adds is the same on all of them. */
const CASES = METERED_CASES.filter(
  ([, name, { isKeyed, isExact }]) => isExact !== false && (isKeyed !== true || name.startsWith('POST /v1/chat')),
);
const bench = new MoneyBench();

function chat(rest: object = {}): object {
  return { model: 'money', messages: [{ role: 'user', content: 'How far does the godwit fly?' }], ...rest };
}

describe('money: exact budgets', () => {
  beforeAll(async () => {
    await bench.start();
  });

  beforeEach(() => {
    bench.reset();
  });

  afterAll(async () => {
    await bench.stop();
  });

  describe('a budget of exactly so many reservations', () => {
    it.each(CASES)('%s: answers as many of them as there is money for', async (_title, ...route) => {
      await spendExactly(bench, route, await bench.reservationOf(...route), { requests: 40, enoughFor: 5 });
    });

    // The second ones read documents before: none of them is turned away because they all want connections.
    it.each<[string, readonly [string, MeteredRoute], number]>([
      ['chat', CHAT, 2],
      ['answers from documents', ANSWER, 1],
    ])('200 at once, %s: answers 10, refuses 190', async (_name, route, rounds) => {
      const reservedUsd = await bench.reservationOf(...route);
      for (let round = 0; round < rounds; round += 1) {
        await spendExactly(bench, route, reservedUsd, { requests: 200, enoughFor: 10 });
      }
    });
  });

  describe('where the cost is not what was reserved', () => {
    const ENOUGH_FOR = 10;

    async function keyFor(route: readonly [string, MeteredRoute]): Promise<{ key: TestKey; amountUsd: number }> {
      const amountUsd = Number(await bench.reservationOf(...route)) * ENOUGH_FOR;
      bench.openAi.requests = [];
      return {
        key: await bench.createKey({ budgets: [{ window: 'total', amount_usd: Number(amountUsd.toFixed(10)) }] }),
        amountUsd,
      };
    }

    it('charges what a provider reports beyond it, as overage, and admits nobody more', async () => {
      const { key, amountUsd } = await keyFor(CHAT);
      bench.openAi.reset();
      bench.openAi.reply((request) => ({ ...exactReply(request), usage: { input: 5_000, output: 500 } })).forever();
      const answers = await Promise.all(Array.from({ length: 60 }, () => bench.send(...CHAT, key)));
      const { answered = 0 } = countCodes(answers);
      expect(countCodes(answers)).toEqual({ answered, insufficient_quota: 60 - answered });
      expect(answered).toBeGreaterThan(0);
      expect(answered).toBeLessThanOrEqual(ENOUGH_FOR);
      const standing = await bench.standing(key, ({ charges }) => charges === answered);
      // 5,000 * 0.15 + 500 * 0.6 millionths each.
      expect(Number(standing.spent)).toBeCloseTo(answered * 0.00105, 10);
      expect(standing.charged).toBe(standing.spent);
      expect(Number(standing.spent) - Number(standing.overage)).toBeCloseTo((answered / ENOUGH_FOR) * amountUsd, 10);
      expect(await bench.send(...CHAT, key)).toMatchObject({ code: 'insufficient_quota' });
    });

    it('counts streams that are left half-way by what they delivered, and never spends more than there is', async () => {
      const { key, amountUsd } = await keyFor(STREAM);
      bench.openAi.reset();
      bench.openAi.stallAfter(3, exactReply).forever();
      const statuses = await Promise.all(Array.from({ length: 40 }, () => leaveHalfWay(key)));
      bench.openAi.reset();
      const left = statuses.filter((status) => status === 200).length;
      expect(left).toBeGreaterThanOrEqual(ENOUGH_FOR);
      const standing = await bench.standing(key, ({ charges }) => charges === left);
      expect(standing).toMatchObject({ charged: standing.spent, overage: '0.0000000000' });
      expect(Number(standing.spent)).toBeGreaterThan(0);
      expect(Number(standing.spent)).toBeLessThanOrEqual(amountUsd);
    });

    it('pays failed attempts and the ones that follow them out of one budget', async () => {
      const { key, amountUsd } = await keyFor(FALLBACK);
      bench.shaky.reset();
      // It took the requests and never answered: their prompts may have cost something.
      bench.shaky.hang().forever();
      const first = await Promise.all(Array.from({ length: 8 }, () => bench.send(...FALLBACK, key)));
      expect(countCodes(first)).toEqual({ answered: 8 });
      await bench.standing(key, ({ charges }) => charges === 8);
      const others = countCodes(await Promise.all(Array.from({ length: 40 }, () => bench.send(...FALLBACK, key))));
      expect((others.answered ?? 0) + (others.insufficient_quota ?? 0)).toBe(40);
      const standing = await bench.standing(key);
      expect(standing).toMatchObject({ charged: standing.spent, overage: '0.0000000000' });
      const [attempts] = await bench.query<{ billed: number }>(
        `select count(*)::int as billed from usage_attempt attempt join usage_request request on request.id = usage_request_id
        where request.key_id = $1 and attempt.provider = 'shaky' and attempt.cost_usd > 0`,
        [key.id],
      );
      expect(attempts?.billed).toBeGreaterThanOrEqual(8);
      expect(toScaled(standing.spent, MONEY_DIGITS)).toBeLessThanOrEqual(toScaled(amountUsd.toFixed(10), MONEY_DIGITS));
    });

    async function leaveHalfWay({ key }: TestKey): Promise<number> {
      const leaving = new AbortController();
      const [name, route] = STREAM;
      const response = await bench.app.post(name.replace('POST ', ''), route.body(), { key, signal: leaving.signal });
      if (response.status !== 200) {
        await response.text();
        return response.status;
      }
      const reader = response.body?.getReader();
      await reader?.read();
      leaving.abort();
      await reader?.closed.catch(() => undefined);
      return response.status;
    }
  });
});
