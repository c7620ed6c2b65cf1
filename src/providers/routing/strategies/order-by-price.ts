import type { Candidate } from '../candidate.js';
import { costOfTokens } from '../price-table.js';
import type { RoutedRequest } from '../routed-request.js';
import { inOrder, type RoutingStrategy } from './routing-strategy.js';

/** What an answer is taken to be when the request sets no lower limit: nobody knows its length before. */
const EXPECTED_OUTPUT_TOKENS = 500;

/** `price`: what can be expected to cost least for this very request comes first; what has no price comes last. */
export const orderByPrice: RoutingStrategy = (candidates, request) => {
  const inputTokens = request.prompt.tokens;
  const outputTokens = expectedOutputTokens(request);
  const costs = new Map<Candidate, number>(
    candidates.map((candidate) => [candidate, costOfTokens(candidate.prices, inputTokens, outputTokens) ?? Infinity]),
  );
  return inOrder([...candidates].sort((left, right) => compare(costs.get(left), costs.get(right))));
};

function expectedOutputTokens({ chat }: RoutedRequest): number {
  if (!chat) return 0;
  return Math.min(chat.maxOutputTokens ?? Infinity, EXPECTED_OUTPUT_TOKENS) * (chat.choices ?? 1);
}

// Two without a price are equal, and stay as the file has them.
function compare(left = Infinity, right = Infinity): number {
  return left === right ? 0 : left - right;
}
