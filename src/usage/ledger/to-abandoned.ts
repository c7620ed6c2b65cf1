import type { JsonObject } from '../../core/json.js';
import { toScaled } from '../../core/money.js';
import { fromItems, type LedgerEntry, toItems } from './ledger-entry.js';

const MONEY_DIGITS = 10;

/** What a number of prompt tokens costs at a target: USD with ten places, null without a known price. */
export type PromptCost = (provider: string, model: string, inputTokens: number) => string | null;

/**
 * How a request is settled whose process died with it under way: under a budget at what was reserved for it, else at its
 * prompt, as if it had been sent to its first candidate and nothing had come back.
 */
export function toAbandonedEntry(opening: LedgerEntry, costOf: PromptCost): LedgerEntry {
  const [request = {}] = fromItems(opening.request);
  const charges = fromItems(opening.charges);
  const provider = asText(request.provider);
  const model = asText(request.model);
  const input = typeof request.input_tokens === 'number' ? request.input_tokens : 0;
  const costUsd = charges.length > 0 ? dearestOf(charges) : costOf(provider, model, input);
  const billed = { input_tokens: input, estimated: true, cost_usd: costUsd };
  return {
    id: opening.id,
    request: JSON.stringify({ ...request, ...billed, status: 'abandoned' }),
    attempts: JSON.stringify({
      ...{
        usage_request_id: opening.id,
        n: 1,
        provider,
        model,
        credential: null,
        outcome: 'abandoned',
        error_kind: null,
      },
      ...billed,
    }),
    charges: toItems(charges.map((charge) => ({ ...charge, spent_usd: charge.reserved_usd }))),
  };
}

// Budgets may have been asked for different amounts, one of them counting fewer models than another.
function dearestOf(charges: readonly JsonObject[]): string {
  const amounts = charges.map((charge) => asText(charge.reserved_usd));
  return amounts.reduce((most, amount) =>
    toScaled(amount, MONEY_DIGITS) > toScaled(most, MONEY_DIGITS) ? amount : most,
  );
}

function asText(value: JsonObject[string]): string {
  return typeof value === 'string' ? value : '';
}
