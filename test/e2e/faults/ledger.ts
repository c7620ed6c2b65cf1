import { expect } from '@jest/globals';
import type { Answer } from './answer.js';
import type { FaultLane } from './fault-lane.js';

export interface Tokens {
  input_tokens: number;
  output_tokens: number;
  total_tokens: number;
  estimated: boolean;
}

export interface LedgerAttempt {
  provider: string;
  outcome: string;
  error_kind: string | null;
  usage: Tokens;
  cost_usd: number;
  duration_ms: number;
}

export interface LedgerRow {
  status: string;
  error_code: string | null;
  provider: string;
  usage: Tokens;
  cost_usd: number;
  attempts: LedgerAttempt[];
}

/** The ledger's row of an answer, once it is there, with the names of the lane's providers as the lane says them. */
export async function ledgerOf(lane: FaultLane, answer: Answer): Promise<LedgerRow> {
  const id = answer.headers.get('x-request-id');
  if (id === null) throw new Error('The answer names no request.');
  const row = (await lane.app.ledgerRow(id)) as unknown as LedgerRow;
  const attempts = row.attempts.map((attempt) => ({ ...attempt, provider: lane.plainName(attempt.provider) }));
  // Nobody answered a request that no provider was asked for.
  const provider = (row.provider as string | null) === null ? row.provider : lane.plainName(row.provider);
  return { ...row, provider, attempts };
}

/** What the bench's prices make of tokens: USD. */
export function priceOf({ input_tokens: input, output_tokens: output }: Tokens): number {
  return (input + 2 * output) / 1_000_000;
}

/** The three bills of a failed attempt: nothing; its prompt by our count; its prompt and what was delivered. */
export type Bill = 'nothing' | 'prompt' | 'delivered';

/** The attempt was billed as said, at the bench's prices. */
export function expectBill({ usage, cost_usd: costUsd }: Pick<LedgerAttempt, 'usage' | 'cost_usd'>, bill: Bill): void {
  if (bill === 'nothing') {
    expect({ costUsd, tokens: usage.total_tokens }).toEqual({ costUsd: 0, tokens: 0 });
    return;
  }
  expect(usage.estimated).toBe(true);
  expect(usage.input_tokens).toBeGreaterThan(0);
  if (bill === 'prompt') expect(usage.output_tokens).toBe(0);
  else expect(usage.output_tokens).toBeGreaterThan(0);
  expect(costUsd).toBeCloseTo(priceOf(usage), 9);
}
