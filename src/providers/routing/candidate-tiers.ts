import type { TargetTier } from '../../config/gateway-config.js';
import { costOfTokens, type PriceTable } from './price-table.js';

// A common request: a page of prompt and a third of one as answer.
const USUAL_INPUT_TOKENS = 600;
const USUAL_OUTPUT_TOKENS = 200;

interface Tiered {
  /** As configured; null where that is left to the prices. */
  readonly tier: TargetTier | null;
  readonly prices: PriceTable | null;
}

/**
 * The tier of each target of a model: the configured one, else large. When none is configured as small, the cheapest of
 * those without a tier is small; when none of them has a price either, none is.
 */
export function tiersOf(targets: readonly Tiered[]): TargetTier[] {
  const smallest = targets.some(({ tier }) => tier === 'small') ? null : cheapestOf(targets);
  return targets.map((target) => target.tier ?? (target === smallest ? 'small' : 'large'));
}

function cheapestOf(targets: readonly Tiered[]): Tiered | null {
  let cheapest: Tiered | null = null;
  let least = Infinity;
  for (const target of targets) {
    const cost = costOfTokens(target.prices, USUAL_INPUT_TOKENS, USUAL_OUTPUT_TOKENS);
    if (target.tier !== null || cost === null || cost >= least) continue;
    cheapest = target;
    least = cost;
  }
  return cheapest;
}
