import type { TargetTier } from '../../config/gateway-config.js';
import type { Target } from '../resilience/target.js';
import type { PriceTable } from './price-table.js';

/** A target as one model's entry names it. */
export interface Candidate {
  readonly target: Target;
  /** Its share under `weighted` routing; positive. */
  readonly weight: number;
  /** Which requests it is meant for under `auto` routing. */
  readonly tier: TargetTier;
  /** Null when nobody knows what it costs. */
  readonly prices: PriceTable | null;
}
