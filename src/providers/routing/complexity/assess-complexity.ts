import type { TargetTier } from '../../../config/gateway-config.js';
import type { ChatRequest } from '../../../core/chat/chat-request.js';
import { COMPLEXITY_RULES } from './complexity-rules.js';

/** Why a request that no rule fits goes to a small model. */
const SIMPLE = 'simple';

/** Which models a request is meant for, and the word for why: that of the first rule that fits, else `simple`. */
export function assessComplexity(request: ChatRequest): { tier: TargetTier; reason: string } {
  const rule = COMPLEXITY_RULES.find(({ fits }) => fits(request));
  return rule ? { tier: 'large', reason: rule.reason } : { tier: 'small', reason: SIMPLE };
}
