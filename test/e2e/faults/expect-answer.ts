import { expect } from '@jest/globals';
import OpenAI from 'openai';
import type { Answer, Surface } from './client.js';
import { SIBLING, type FaultBench, type VendorName } from './fault-bench.js';
import { expectBill, ledgerOf, type Bill } from './ledger.js';

/** What a client is told when the attempts are spent. */
export interface Failure {
  status: number;
  code: string;
  /** Seconds that `retry-after` may say; missing where there must be none. */
  retryAfter?: { from: number; to: number };
  /** The parameter that is named to the client, by the protocol of the provider that named it. */
  param?: Record<VendorName, string | null>;
  /** Milliseconds. */
  withinMs?: number;
}

const ERRORS: Record<number, unknown> = {
  400: OpenAI.BadRequestError,
  404: OpenAI.NotFoundError,
  429: OpenAI.RateLimitError,
};

/** Words of the fakes, and secrets, which no client may read. */
const PRIVATE = [/<html|<h1|doctype/i, /sk-[a-z]+-key/, /Incorrect API key/, /invalid x-api-key/];

/** A failure before content: status, body and headers as they must be, on any surface. */
export function expectFailure(answer: Answer, failure: Failure, attempts: number, vendor: VendorName): void {
  expect({ status: answer.status, error: answer.error }).toMatchObject({
    status: failure.status,
    error: { code: failure.code, type: typeOf(failure), param: failure.param?.[vendor] ?? null },
  });
  expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(answer.headers.get('x-should-retry')).toBe(attempts >= 2 ? 'false' : null);
  if (attempts > 0) expect(answer.headers.get('x-trunkline-attempts')).toBe(String(attempts));
  expectRetryAfter(answer, failure);
  expect(answer.durationMs).toBeLessThan(failure.withinMs ?? Infinity);
  for (const secret of PRIVATE) expect(answer.wire).not.toMatch(secret);
  // What is wrong with a request is told in the provider's words; nothing else is.
  if (failure.status !== 400) expect(answer.wire).not.toMatch(/The fake says/);
  if (answer.thrown !== null) expectTypedError(answer, failure);
}

function typeOf({ status, code }: Failure): string {
  if (status === 429) return code;
  if (status < 500) return 'invalid_request_error';
  return code === 'no_healthy_upstream' ? 'server_error' : 'upstream_error';
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

function expectTypedError({ thrown }: Answer, { status, code }: Failure): void {
  expect(thrown).toBeInstanceOf(ERRORS[status] ?? OpenAI.InternalServerError);
  expect(thrown).toMatchObject({ status, code });
}

/** The healthy sibling's answer, after `failed` attempts elsewhere that are billed as said. */
export async function expectSibling(
  bench: FaultBench,
  answer: Answer,
  expected: { vendor: VendorName; surface: Surface; failed: number; bill: Bill },
): Promise<void> {
  const { vendor, surface, failed, bill } = expected;
  const sibling = bench.siblingOf(vendor, surface.isEmbedding);
  const name = surface.isEmbedding ? 'spare' : vendor === 'openai' ? 'anthropic' : 'openai';
  expect({ status: answer.status, error: answer.error }).toEqual({ status: 200, error: null });
  if (!surface.isEmbedding) expect(answer.text).toBe(SIBLING.text);
  expect(answer.isWhole).toBe(true);
  expect(answer.thrown).toBeNull();
  expect(answer.headers.get('x-trunkline-attempts')).toBe(String(failed + 1));
  expect(answer.headers.get('x-trunkline-provider')).toBe(name);
  expect(sibling.requests).toHaveLength(1);
  const row = await ledgerOf(bench, answer);
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
