import { expect } from '@jest/globals';
import type { TestApp } from './test-app.js';

const POLL_MS = 10;

/** Resolves once the ledger knows every one of the requests, though they are not over. */
export async function untilAdmitted(app: TestApp, requestIds: readonly string[]): Promise<void> {
  for (const id of requestIds) {
    while ((await app.get(`/v1/usage/requests/${id}`)).status !== 200) await pause();
  }
}

/** Compares what the key's first budget has spent, in USD, once nothing is reserved there any more. */
export async function expectSpent(app: TestApp, keyId: string, costUsd: number): Promise<void> {
  for (;;) {
    const response = await app.get(`/admin/keys/${keyId}`);
    const { budgets } = (await response.json()) as { budgets: { spent_usd: number; reserved_usd: number }[] };
    const [budget] = budgets;
    if (budget && budget.spent_usd > 0 && budget.reserved_usd === 0) {
      expect(budget.spent_usd).toBeCloseTo(costUsd, 9);
      return;
    }
    await pause();
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, POLL_MS));
}
