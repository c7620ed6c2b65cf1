import { expect } from '@jest/globals';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import type { Answer } from './answer.js';
import { SIBLING, type FaultLane, type VendorName } from './fault-lane.js';
import { expectBill, ledgerOf, type Bill } from './ledger.js';
import type { Surface } from './surfaces.js';
import { expectTold } from './told-error.js';

/** What a client is told when the attempts are spent. */
export interface Failure {
  status: number;
  code: string;
  /** Seconds that `retry-after` may say; missing where there must be none. */
  retryAfter?: { from: number; to: number };
  /** The parameter that is named to the client, by the protocol of the provider that named it. */
  param?: Record<'openai' | 'anthropic' | 'gemini', string | null>;
}

const ERRORS: Readonly<Record<number, 'BadRequestError' | 'NotFoundError' | 'RateLimitError'>> = {
  400: 'BadRequestError',
  404: 'NotFoundError',
  429: 'RateLimitError',
};

/** Words of the fakes, and secrets, which no client may read. */
const PRIVATE = [/<html|<h1|doctype/i, /sk-[a-z]+-key/, /Incorrect API key/, /invalid x-api-key/];

/** A failure before content: status, body and headers as they must be, on any surface. */
export function expectFailure(answer: Answer, failure: Failure, attempts: number, vendor: VendorName): void {
  const { status, code, param } = failure;
  expectTold(answer, { status, code, param: param?.[vendor === 'responses' ? 'openai' : vendor] });
  expect(answer.headers.get('x-should-retry')).toBe(attempts >= 2 ? 'false' : null);
  if (attempts > 0) expect(answer.headers.get('x-trunkline-attempts')).toBe(String(attempts));
  expectRetryAfter(answer, failure);
  for (const secret of PRIVATE) expect(answer.wire).not.toMatch(secret);
  // What is wrong with a request is told in the provider's words; nothing else is.
  if (failure.status !== 400) expect(answer.wire).not.toMatch(/The fake says/);
  if (answer.thrown !== null) expectTypedError(answer, failure);
}

function expectRetryAfter({ headers }: Answer, { retryAfter }: Failure): void {
  const seconds = headers.get('retry-after');
  if (!retryAfter) {
    expect(seconds).toBeNull();
    return;
  }
  expect(Number(seconds)).toBeGreaterThanOrEqual(retryAfter.from);
  expect(Number(seconds)).toBeLessThanOrEqual(retryAfter.to);
}

function expectTypedError(answer: Answer, { status, code }: Failure): void {
  const { dialect, thrown } = answer;
  const name = ERRORS[status] ?? 'InternalServerError';
  expect(thrown).toBeInstanceOf(dialect === 'anthropic-messages' ? Anthropic[name] : OpenAI[name]);
  expect(thrown).toMatchObject({ status: answer.status, ...(dialect === 'anthropic-messages' ? {} : { code }) });
}

/** The healthy sibling's answer, after `failed` attempts elsewhere that are billed as said. */
export async function expectSibling(
  lane: FaultLane,
  answer: Answer,
  expected: { vendor: VendorName; surface: Surface; failed: number; bill: Bill },
): Promise<void> {
  const { vendor, surface, failed, bill } = expected;
  const sibling = lane.siblingOf(vendor, surface.isEmbedding);
  const name = surface.isEmbedding ? 'spare' : vendor === 'openai' ? 'anthropic' : 'openai';
  expect({ status: answer.status, error: answer.error }).toEqual({ status: 200, error: null });
  if (!surface.isEmbedding) expect(answer.text).toBe(SIBLING.text);
  expect(answer.isWhole).toBe(true);
  expect(answer.thrown).toBeNull();
  expect(answer.headers.get('x-trunkline-attempts')).toBe(String(failed + 1));
  expect(answer.headers.get('x-trunkline-provider')).toBe(lane.nameOf(name));
  expect(sibling.requests).toHaveLength(1);
  const row = await ledgerOf(lane, answer);
  expect(row).toMatchObject({ status: 'succeeded', provider: name, error_code: null });
  expect(row.attempts.map(({ outcome }) => outcome)).toEqual([...Array<string>(failed).fill('failed'), 'succeeded']);
  for (const attempt of row.attempts.slice(0, -1)) expectBill(attempt, bill);
  const costs = row.attempts.map((attempt) => attempt.cost_usd);
  expect(row.cost_usd).toBeCloseTo(
    costs.reduce((sum, cost) => sum + cost, 0),
    9,
  );
  if (!surface.isEmbedding) expect(costs.at(-1)).toBeCloseTo(SIBLING.costUsd, 9);
}
