import { expect } from '@jest/globals';
import { MONEY_DIGITS, toMoney, toScaled } from '../../../src/core/money.js';
import type { MeteredRoute } from './metered-routes.js';
import type { Answer, MoneyBench } from './money-bench.js';

/** What of each was there in a round: how many requests came at once, and how many of them a budget is enough for. */
interface Round {
  requests: number;
  enoughFor: number;
}

/**
 * One round on a route: a budget of exactly `enoughFor` reservations, and all requests at once, on every replica. Exactly
 * so many are answered, all others refused before anybody is asked, and the books agree to the last digit.
 */
export async function spendExactly(
  bench: MoneyBench,
  [name, route]: readonly [string, MeteredRoute],
  reservedUsd: string,
  { requests, enoughFor }: Round,
): Promise<void> {
  const budgetUsd = toMoney(toScaled(reservedUsd, MONEY_DIGITS) * BigInt(enoughFor), MONEY_DIGITS);
  const key = await bench.createKey({ budgets: [{ window: 'total', amount_usd: Number(budgetUsd) }] });
  const askedBefore = bench.calls;
  const answers = await Promise.all(Array.from({ length: requests }, () => bench.send(name, route, key)));
  expect(countCodes(answers)).toEqual({ answered: enoughFor, insufficient_quota: requests - enoughFor });
  expect(bench.calls).toBe(askedBefore + enoughFor);
  expect(await bench.standing(key, ({ charges }) => charges >= enoughFor)).toMatchObject({
    spent: budgetUsd,
    charged: budgetUsd,
    reserved: toMoney(0n, MONEY_DIGITS),
    overage: toMoney(0n, MONEY_DIGITS),
  });
}

/** How many answers there were of each code. */
export function countCodes(answers: readonly Pick<Answer, 'code'>[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { code } of answers) counts[code ?? 'answered'] = (counts[code ?? 'answered'] ?? 0) + 1;
  return counts;
}
